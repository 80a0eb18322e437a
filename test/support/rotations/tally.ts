/** What is counted while keys rotate under the eyes of verifiers, and what went wrong. */
export type Failure = {
  /** Who refused, or what else did not do its part. */
  readonly verifier: string;
  /** At which moment in the life of the token. */
  readonly moment: string;
  /** RFC 3339. */
  readonly at: string;
  /** Empty where no key is involved. */
  readonly kid: string;
  readonly message: string;
};

export type Tally = {
  /** How often another key took over: the signers seen in tokens, but for the first. */
  readonly rotations: number;
  readonly tokens: number;
  readonly verifications: number;
  /** Looks that tell nothing, as the token had expired by the time of their answer, or nearly had before. */
  readonly late: number;
  readonly failures: readonly Failure[];
};

export function summarize({ rotations, tokens, verifications, failures, late }: Tally): string {
  const counts = [
    counted(rotations, 'rotation'),
    counted(tokens, 'token'),
    counted(verifications, 'verification'),
    counted(failures.length, 'failure'),
    ...(late > 0 ? [`${counted(late, 'look')} too late`] : []),
  ];
  return counts.join(', ');
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
