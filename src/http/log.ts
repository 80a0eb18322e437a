/** As much of a logger as `http/` needs. */
export interface Log {
  error(detail: object, message: string): void;
  debug(detail: object, message: string): void;
}
