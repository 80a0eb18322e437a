import type { Command } from 'commander';
import { type RecordedActor, keyEvents } from '../../src/audit/event.ts';
import { toRfc3339 } from '../../src/clock.ts';
import { viewEvent } from '../../src/views/audit-event.ts';
import { printJson, subcommand, withDatabase } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { toCount } from '../count.ts';

type Options = { readonly limit: number; readonly json: boolean };

export function addLogCommand(program: Command): void {
  subcommand(program, 'log [kid]', 'Show what was done to the keys, the newest first: what, when, by whom, why.')
    .option('--limit <n>', 'how many events at most', toCount, 50)
    .action((subject: string | undefined, { limit, json }: Options) =>
      withDatabase(async ({ database }) => {
        const page = { before: null, limit, subject, types: keyEvents };
        const events = (await database.audit.listEvents(page)) ?? [];
        if (json) printJson({ events: events.map(viewEvent) });
        else
          for (const { at, type, subject: kid, actor, reason } of events)
            say(
              [at === null ? 'at no moment' : toRfc3339(at), type.padEnd(13), kid, nameOf(actor), reason]
                .filter(Boolean)
                .join('  '),
            );
      }),
    );
}

function nameOf(actor: RecordedActor): string {
  if (actor.kind === 'script') return `script (${actor.name})`;
  return actor.kind === 'caller' ? `caller ${actor.sub} through ${actor.clientId}` : actor.kind;
}
