/** Servers that are killed between a decision and what follows from it, over either database. */
import { expect, it } from 'vitest';
import { ask, form } from '../../support/ask.ts';
import { runForJson } from '../../support/command.ts';
import { addSessions, countOpen } from '../../support/database/many-sessions.ts';
import { newEmptyUrl } from '../../support/database/versions.ts';
import { rowsOf } from '../../support/database.ts';
import { freePort } from '../../support/free-port.ts';
import { changeSettings, newInstallation } from '../../support/installation.ts';
import { scrape, valueOf } from '../../support/metrics.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { waitFor } from '../../support/wait.ts';

const many = 1_000;

/** Seconds. Of its time, a server gives a tenth to what follows: on a busy machine, that makes a long while. */
const patience = 200;

/** Rows that are written with the decision, at the most. */
const atOnce = 64;

async function kill({ child, ended }: ServerProcess): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

it.each(['sqlite', 'postgres'] as const)(
  'the ends of a thousand sessions over %s are written once, though servers are killed before and in the midst of it',
  { timeout: 400_000 },
  async (kind) => {
    const managementPort = await freePort();
    const sqlite = await newInstallation({ MANAGEMENT_PORT: String(managementPort) });
    const installation =
      kind === 'sqlite' ? sqlite : changeSettings(sqlite, { DATABASE_URL: await newEmptyUrl('', 'postgres') });
    const { url, environment } = installation;
    const databaseUrl = environment['DATABASE_URL'] ?? '';
    const owed = async () => valueOf(await scrape(managementPort), 'tessera_follow_up_owed', { kind: 'sessions' });

    const first = await startServer(installation);
    const create = ['create', '--username', 'ada', '--admin'];
    const { id, password } = await runForJson<{ id: string; password: string }>('users', create, installation);
    const login = { grant_type: 'password', username: 'ada', password };
    const { body: tokens } = await form<{ access_token: string; refresh_token: string }>(`${url}/token`, login);
    const token = tokens.access_token;
    await addSessions(databaseUrl, { userId: id, now: Math.floor(Date.now() / 1000), count: many });
    expect(await owed()).toBe(0);
    expect((await ask(`${url}/users/me/sessions?current=end`, { method: 'DELETE', token })).status).toBe(204);
    await kill(first);
    expect(await countOpen(databaseUrl, id)).toBeGreaterThan(many - atOnce);

    const second = await startServer(installation);
    expect(await owed()).toBe(1);
    expect((await ask(`${url}/users/me`, { token })).status).toBe(401);
    const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    expect((await form(`${url}/token`, refresh)).status).toBe(400);
    await waitFor(async () => (await countOpen(databaseUrl, id)) <= many - 2 * atOnce);
    await kill(second);
    expect(await countOpen(databaseUrl, id)).toBeGreaterThan(0);

    await startServer(installation);
    await waitFor(async () => (await rowsOf(databaseUrl, 'session_endings')).length === 0, patience);
    await waitFor(async () => (await owed()) === 0);
    expect(await countOpen(databaseUrl, id)).toBe(0);
    const events = (await rowsOf(databaseUrl, 'audit_events')).filter(({ type }) => type === 'session.ended');
    expect(events).toHaveLength(many + 1);
    expect(new Set(events.map(({ subject }) => subject)).size).toBe(many + 1);
  },
);
