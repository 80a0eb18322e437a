/** As much of a logger as `http/` needs. */
export interface Log {
  error(detail: object, message: string): void;
  debug(detail: object, message: string): void;
}

/** As much as it takes to tell of what somebody has to set right. */
export interface WarningLog {
  warn(detail: object, message: string): void;
}

/** As much as it takes to tell of every request. */
export interface RequestLog {
  isLevelEnabled(level: string): boolean;
  info(detail: object, message: string): void;
  debug(detail: object, message: string): void;
}
