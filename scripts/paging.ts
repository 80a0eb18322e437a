/** What the commands share that list what there may be much of. */
import { type Command, InvalidArgumentError } from 'commander';
import { type Position, cursorOf, positionOf } from '../src/views/cursor.ts';
import { pageOf, usualLimit } from '../src/views/page.ts';
import { complain } from '../src/terminal.ts';
import { toCount } from './count.ts';

export type PageOptions = { readonly limit: number; readonly cursor?: Position; readonly all: boolean };

/** `prefix` is that of the ids in the list. */
export function addPageOptions(command: Command, prefix: 'usr_' | 'cli_'): Command {
  return command
    .option('--limit <n>', 'how many at most', toCount, usualLimit)
    .option('--cursor <cursor>', 'go on behind another list: its next_cursor', (text) => toPosition(text, prefix))
    .option('--all', 'however many there are', false);
}

function toPosition(text: string, prefix: 'usr_' | 'cli_'): Position {
  const position = positionOf(text, prefix);
  if (position === undefined) throw new InvalidArgumentError('It is not the next_cursor of any list.');
  return position;
}

/** Reads what the options ask for; with `--all` too, the store is asked for `--limit` at a time. */
export async function readPages<Item>(
  { limit, cursor, all }: PageOptions,
  read: (page: { after: Position | null; limit: number }) => Promise<Item[]>,
  placeOf: (item: Item) => Position,
): Promise<{ items: Item[]; next: { next_cursor?: string } }> {
  const items: Item[] = [];
  for (let after = cursor ?? null; ;) {
    const page = pageOf(await read({ after, limit: limit + 1 }), limit, (last) => cursorOf(placeOf(last)));
    items.push(...page.items);
    const last = page.items.at(-1);
    if (!all || last === undefined || page.next.next_cursor === undefined) return { items, next: page.next };
    after = placeOf(last);
  }
}

/** For people, who read on standard error that there is more. */
export function announceNext({ next_cursor: cursor }: { next_cursor?: string }): void {
  if (cursor !== undefined) complain(`There are more: --cursor ${cursor}, or --all.`);
}
