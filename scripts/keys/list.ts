import type { Command } from 'commander';
import { nameOf } from '../../src/keys/sealing/immutable-facts.ts';
import { mostNamed } from '../../src/keys/keyring/left-out.ts';
import { planKeys } from '../../src/keys/timeline/plan.ts';
import type { StoredKeys } from '../../src/server/look-at-keys.ts';
import { viewKeys } from '../../src/views/keys.ts';
import { clock, printJson, subcommand, withDatabase } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { readStoredKeys, warnOf } from './keyring.ts';

export function addListCommand(program: Command): void {
  subcommand(program, 'list', 'Show each key, what it is for, and when that changes.').action(
    ({ json }: { json: boolean }) =>
      withDatabase(async (tools) => {
        const stored = await readStoredKeys(tools);
        warnOf(stored);
        const now = clock();
        const { keys, verifyOnly, unreadable } = stored;
        const { states } = planKeys(keys, now, tools.config.keyPolicy, unreadable);
        const views = viewKeys({ states, verifyOnly, unreadable, now });
        const waiting = stored.waiting.slice(0, mostNamed).map(viewWaiting);
        if (json) printJson({ keys: views, waiting });
        else {
          for (const view of views) say(describe(view));
          for (const { kid, state, alg, detail } of waiting) say(`${kid}  ${state}   ${alg}  ${detail}`);
        }
      }),
  );
}

/** Apart from the keys: no server takes it for one before its key-encryption key is there. */
function viewWaiting({ key: { alg }, kid, reason: detail }: StoredKeys['waiting'][number]) {
  return { kid: nameOf(kid), state: 'waiting', alg, detail };
}

function describe(key: ReturnType<typeof viewKeys>[number]): string {
  const signs = key.activates_at === null ? '' : `  signs from ${key.activates_at}`;
  const change = key.changes_at === null ? '' : `  until ${key.changes_at}`;
  const damage = key.unreadable ? '  unreadable' : '';
  return `${key.kid}  ${key.state.padEnd(8)}  ${key.alg}${signs}${change}${damage}`;
}
