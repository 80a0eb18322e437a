import { pino } from 'pino';

const standardError = 2;

/** In characters: so much is gathered before it is written, in one go. */
const batch = 4096;

/** In bytes: who does not read what is logged cannot make the server keep more of it. */
const mostWaiting = 4 * 1024 * 1024;

/** Milliseconds for which a line waits for others. */
const longestWait = 100;

/** Of pino: from here on, a line may be the last one for a while. */
const warning = 40;

/** A stream that pino tells the level of each line. */
export type LineStream = { lastLevel: number; write(line: string): void; flush(): void };

/**
 * Standard error, which no request waits for: lines are gathered and written a few at a time, warnings and errors at once,
 * and whatever waits when the process ends. A write for each line would take longer than all the rest of it.
 */
export function standardErrorLines(): LineStream {
  const stream = pino.destination({ dest: standardError, sync: false, maxLength: mostWaiting });
  // Whoever read it has gone.
  stream.on('error', () => undefined);
  let gathered = '';
  let timer: NodeJS.Timeout | undefined;

  const lines = {
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(line: string): void {
      gathered += line;
      if (lines.lastLevel >= warning || gathered.length >= batch) passOn();
      else timer ??= setTimeout(passOn, longestWait).unref();
    },
    flush(): void {
      passOn();
      try {
        stream.flushSync();
      } catch {
        // There is nowhere left to say it.
      }
    },
  };
  process.on('exit', () => {
    lines.flush();
  });
  return lines;

  function passOn(): void {
    clearTimeout(timer);
    timer = undefined;
    if (gathered !== '') stream.write(gathered);
    gathered = '';
  }
}
