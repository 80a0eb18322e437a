/** What a soak counts, and what went wrong in it. */
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

/** One part of the soak, over and done with. */
export type Outcome = {
  readonly name: string;
  readonly passed: boolean;
  readonly summary: string;
  /** What to read when it has not passed, a line each. */
  readonly failures: readonly string[];
};

/** Prints a line of progress. */
export type Say = (line: string) => void;

/** A proof with more holes than this, as a share of all looks, is none. */
const MOST_LATE = 0.01;

/** What a tally comes to, when `rotations` were to be seen. */
export function judge(name: string, tally: Tally, rotations: number): Outcome {
  const failures = tally.failures.map(describeFailure);
  if (tally.rotations < rotations)
    failures.push(`${name}: only ${tally.rotations} of ${rotations} rotations were seen`);
  if (tally.late > MOST_LATE * (tally.verifications + tally.late))
    failures.push(
      `${name}: ${tally.late} looks came too late to tell anything: a server is slow, or the machine too busy`,
    );
  return { name, passed: failures.length === 0, summary: summarize(tally), failures };
}

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

export function addUp(tallies: readonly Tally[]): Tally {
  const sum = (count: (tally: Tally) => number) => tallies.reduce((total, tally) => total + count(tally), 0);
  return {
    rotations: sum((tally) => tally.rotations),
    tokens: sum((tally) => tally.tokens),
    verifications: sum((tally) => tally.verifications),
    late: sum((tally) => tally.late),
    failures: tallies.flatMap((tally) => tally.failures),
  };
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${messageOf(error.cause)}` : error.message;
}

function describeFailure({ verifier, moment, at, kid, message }: Failure): string {
  return `${at}  ${verifier}  ${moment}  ${kid}  ${message}`;
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
