import { isatty } from 'node:tty';
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { printable, printableJson } from '../terminal.ts';
import { redactMembers, redactText } from './redaction.ts';
import { currentRequest } from './request-context.ts';
import { standardErrorLines } from './standard-error.ts';

/** A logger, and a way to see that all that was logged has been written. */
export type OpenLog = { readonly log: Logger; readonly flush: () => void };

const standardError = 2;

/** Lines for people where they look on, JSON elsewhere. */
export async function openLog(config: { logLevel: string; logFormat: 'auto' | 'json' | 'pretty' }): Promise<OpenLog> {
  const { logLevel, logFormat } = config;
  if (logFormat === 'pretty' || (logFormat === 'auto' && isatty(standardError))) {
    const { default: pretty } = await import('pino-pretty');
    const stream = pretty({
      destination: standardError,
      sync: true,
      colorize: isatty(standardError),
      translateTime: 'SYS:HH:MM:ss.l',
      messageFormat: (line, key) => printable(String(line[key])),
    });
    return { log: createLogger(logLevel, stream, 'pretty'), flush: () => undefined };
  }
  const lines = standardErrorLines();
  return {
    log: createLogger(logLevel, lines),
    flush: () => {
      lines.flush();
    },
  };
}

/**
 * Every line says which request it belongs to, and no secret, and does nothing at a terminal, whatever names it has in it.
 * What a child logger is bound to is not looked at: there are none (`test/unit/telemetry/redaction.test.ts`). In `pretty`,
 * another reads the lines as JSON and prints what they mean: see `printableJson`.
 */
export function createLogger(level: string, stream: DestinationStream, format: 'json' | 'pretty' = 'json'): Logger {
  const backslash = format === 'json' ? '\\' : '\\\\';
  const options: LoggerOptions = {
    level,
    base: null,
    // Errors have been described by then.
    serializers: { err: (described: unknown) => described },
    mixin: () => {
      const request = currentRequest();
      if (request === undefined) return {};
      const { requestId, traceId } = request;
      return traceId === undefined ? { request_id: requestId } : { request_id: requestId, trace_id: traceId };
    },
    formatters: { log: redactMembers },
    hooks: { streamWrite: (line) => printableJson(redactText(line), backslash) },
  };
  return pino(options, stream);
}
