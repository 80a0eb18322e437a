/** How many rows each statement makes PostgreSQL read, as `auto_explain` logs it. */
import type pg from 'pg';
import { waitFor } from '../wait.ts';

/** Flags of a server that logs the plan of every statement, with what it came to, and learns about tables when told alone. */
export const explainingFlags = [
  'session_preload_libraries=auto_explain',
  'auto_explain.log_min_duration=0',
  'auto_explain.log_analyze=on',
  'auto_explain.log_timing=off',
  'auto_explain.log_nested_statements=on',
  'auto_explain.log_format=json',
  'log_line_prefix=',
  'autovacuum=off',
].flatMap((setting) => ['-c', setting]);

type Node = {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly Node[];
};

type Explained = { readonly 'Query Text': string; readonly Plan: Node };

export type ReadRows = { readonly statement: string; readonly rows: number };

/** The statements of a log of the server, each with how many rows that part of its plan touched which touched most. */
function readRowsOf(log: string): ReadRows[] {
  const plans = log.matchAll(/^LOG: {2}duration: [\d.]+ ms {2}plan:\n((?:\t.*\n)+)/gm);
  return [...plans].map(([, text = '']) => {
    const { 'Query Text': statement, Plan: plan } = JSON.parse(text.replaceAll(/^\t/gm, '')) as Explained;
    return { statement: statement.replaceAll(/\s+/g, ' '), rows: Math.max(...nodesOf(plan).map(touched)) };
  });
}

function nodesOf(node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

function touched(node: Node): number {
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return (node['Actual Rows'] + removed) * node['Actual Loops'];
}

/** Takes what a server logs, and tells what each statement read. */
export function createStatementLog() {
  let log = '';

  /** Has the log of everything that was done before. */
  async function upTo(mark: string, connection: pg.Client): Promise<void> {
    await connection.query(`select '${mark}'`);
    await waitFor(() => log.includes(mark) && log.endsWith('\n'));
  }

  return {
    add: (text: string) => {
      log += text;
    },
    /** The statements that any connection made while `act` went on. */
    async readWhile(act: () => Promise<unknown>, connection: pg.Client): Promise<ReadRows[]> {
      // What went before may be logged after it was done.
      await upTo('this is next', connection);
      log = '';
      await act();
      await upTo('that was all', connection);
      return readRowsOf(log);
    },
  };
}
