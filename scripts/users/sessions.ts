import type { Command } from 'commander';
import { endedByAnother } from '../../src/tokens/session-end.ts';
import { viewSession } from '../../src/views/session.ts';
import { reasonOption, scriptCause } from '../cause.ts';
import { clock, printJson, subcommand, withDatabase } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { findAccount, mustBeDone } from './account.ts';

export function addSessionsCommand(program: Command): void {
  subcommand(program, 'sessions <user>', 'Show where a user is signed in, the session used last first.').action(
    (named: string, { json }: { json: boolean }) =>
      withDatabase(async ({ database }) => {
        const { id } = await findAccount(database.users, named);
        const found = await database.sessions.listSessions(id, clock());
        const sessions = found.map((session) => viewSession(session, undefined));
        if (json) printJson({ sessions });
        else for (const session of sessions) say(describeSession(session));
      }),
  );
}

export function addEndSessionsCommand(program: Command): void {
  subcommand(program, 'end-sessions <user>', 'Sign a user out everywhere.')
    .addOption(reasonOption())
    .action((named: string, { reason, json }: { reason?: string; json: boolean }) =>
      withDatabase(async ({ database }) => {
        const found = await findAccount(database.users, named);
        const occasion = { ...endedByAnother(scriptCause(reason)), at: clock() };
        mustBeDone(await database.users.endSessionsOf(found.id, occasion), found);
        if (json) printJson({ sessions: [] });
        else say(`${found.username} (${found.id}) is signed out.`);
      }),
    );
}

function describeSession(session: ReturnType<typeof viewSession>): string {
  const { id, client_id: clientId, created_at: since, last_used_at: used, address, user_agent: agent } = session;
  return [id, `through ${clientId}`, `since ${since}`, `used ${used}`, address, agent].filter(Boolean).join('  ');
}
