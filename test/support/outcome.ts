/** How a run of minutes under load ended. */
export type Outcome = {
  readonly name: string;
  readonly passed: boolean;
  readonly summary: string;
  /** What to read when it has not passed, a line each. */
  readonly failures: readonly string[];
};

/** Prints a line of progress. */
export type Say = (line: string) => void;
