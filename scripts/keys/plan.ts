import type { Command } from 'commander';
import { toRfc3339 } from '../../src/clock.ts';
import { printJson, subcommand, withDatabase } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { formatDistance } from '../../src/keys/drawing/duration.ts';
import { lookAhead, plannedKidsHelp, rotationsOption } from './outlook.ts';
import type { Outlook } from '../../src/keys/drawing/outlook.ts';

const happenings: Readonly<Record<Outlook['changes'][number]['change'], string>> = {
  standby: 'is published, next to sign',
  active: 'signs',
  retiring: 'signs no more, and stays published',
  destroyed: 'has its private part destroyed',
  retired: 'leaves the set',
  revoked: 'is revoked',
};

export function addPlanCommand(program: Command): void {
  subcommand(program, 'plan', 'Show what will happen to the keys, and when.')
    .addOption(rotationsOption())
    .addHelpText('after', plannedKidsHelp)
    .action(({ rotations, json }: { rotations: number; json: boolean }) =>
      withDatabase(async (tools) => {
        const outlook = await lookAhead(tools, rotations);
        if (json) printJson(viewPlan(outlook));
        else for (const line of tabulate(outlook)) say(line);
      }),
    );
}

function viewPlan({ now, until, changes }: Outlook) {
  return {
    now: toRfc3339(now),
    until: toRfc3339(until),
    changes: changes.map(({ at, kid, change }) => ({ at: toRfc3339(at), in: at - now, kid, change })),
  };
}

function tabulate({ now, changes }: Outlook): string[] {
  const distances = changes.map(({ at }) => formatDistance(at, now));
  const longest = Math.max(...distances.map(({ length }) => length));
  return changes.map(({ at, kid, change }, place) =>
    [toRfc3339(at), distances[place]?.padEnd(longest), `${kid} ${happenings[change]}`].join('  '),
  );
}
