/** What the log says of an error. */
export type DescribedError = {
  readonly type: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code?: string | number;
  readonly syscall?: string;
  readonly cause?: DescribedError | string;
  readonly errors?: readonly (DescribedError | string)[];
};

const deepest = 5;
const mostErrors = 5;

/** In characters: a driver may quote a whole statement. */
const longestText = 4000;

/**
 * Names what is taken, and takes nothing else: drivers and HTTP clients hang rows, statements, headers and whole requests on
 * their errors (`detail`, `where`, `parameters`, `config`, `request`). Causes are described in the same way.
 */
export function describeError(error: Error, levels = deepest): DescribedError {
  const { code, syscall, cause, errors } = error as { code?: unknown; syscall?: unknown } & AggregateError;
  return {
    type: cut(error.name),
    message: cut(error.message),
    stack: typeof error.stack === 'string' ? cut(error.stack) : undefined,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(typeof syscall === 'string' && { syscall }),
    ...(cause !== undefined && cause !== null && { cause: describeCause(cause, levels) }),
    ...(Array.isArray(errors) && { errors: errors.slice(0, mostErrors).map((each) => describeCause(each, levels)) }),
  };
}

function describeCause(cause: unknown, levels: number): DescribedError | string {
  if (levels === 0) return '[deep]';
  if (cause instanceof Error) return describeError(cause, levels - 1);
  return typeof cause === 'string' ? cut(cause) : `[${typeof cause}]`;
}

function cut(text: unknown): string {
  return String(text).slice(0, longestText);
}
