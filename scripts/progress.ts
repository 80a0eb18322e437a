import type { Progress } from '../src/database/transfer/move.ts';
import { complain } from '../src/terminal.ts';

/** A bar on a terminal, else a line for each table that is done; on standard error, so that results stay apart. */
export async function showProgress(): Promise<Progress & { stop(): void }> {
  if (!process.stderr.isTTY) return plainLines;
  const { default: cliProgress } = await import('cli-progress');
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    format: '[{bar}] {percentage} %  {table}',
    clearOnComplete: true,
    gracefulExit: true,
  });
  return {
    begin: (rows) => {
      bar.start(rows, 0, { table: '' });
    },
    advance: (rows) => {
      bar.increment(rows);
    },
    finishTable: (table) => {
      bar.update({ table });
    },
    stop: () => {
      bar.stop();
    },
  };
}

const plainLines = {
  begin: () => undefined,
  advance: () => undefined,
  finishTable: (name: string, rows: number) => {
    complain(`${name}: ${rows}`);
  },
  stop: () => undefined,
};
