/** Who counts. The parts that have something to count know this and nothing of how it is kept or shown. */
export type Meter = {
  /** `operation` is an operationId, or `none`; `status` is that of the reply, or `aborted`; the time is in seconds. */
  requestEnded(operation: string, status: string, seconds: number): void;
  tokenIssued(grant: string): void;
  /** The refresh token used last came again, from the same network or another, and was answered again. */
  refreshRepeated(network: 'same' | 'other'): void;
  /** A used refresh token came again, and its session was ended. */
  refreshReused(): void;
  /** A refresh token came from another client than the one that it was issued to. */
  refreshMisused(): void;
  loginFailed(): void;
  /** Who may do more than every user was answered 403. */
  accessDenied(): void;
  /** A request was refused because there were too many of its kind, by the policies of these names. */
  throttled(policies: readonly string[]): void;
  contractBroken(operation: string): void;
  /** A trusted proxy did not say who the client is, or said it in words that are no address. */
  clientAddressUnknown(reason: 'missing' | 'malformed'): void;
};

/** Nobody counts. */
export const noMeter: Meter = {
  requestEnded: () => undefined,
  tokenIssued: () => undefined,
  refreshRepeated: () => undefined,
  refreshReused: () => undefined,
  refreshMisused: () => undefined,
  loginFailed: () => undefined,
  accessDenied: () => undefined,
  throttled: () => undefined,
  contractBroken: () => undefined,
  clientAddressUnknown: () => undefined,
};
