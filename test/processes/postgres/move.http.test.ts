import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { newEmptyUrl } from '../../support/database/versions.ts';
import { expectTheftToBeSeen, expectToWork, signUp } from '../../support/moving-installation.ts';
import { runCommand } from '../../support/command.ts';
import { type Installation, newInstallation } from '../../support/installation.ts';
import { startServer } from '../../support/server-process.ts';

describe('an installation that moves', { timeout: 180_000 }, () => {
  it('to PostgreSQL, and back again, takes its keys, accounts, sessions and tokens along', async () => {
    const first = await newInstallation({ REFRESH_REUSE_GRACE: '0s' });
    const server = await startServer(first);
    const ada = await signUp(first, 'ada');
    const bob = await signUp(first, 'bob');
    const keys = await keysOf(first);
    await stop(server.child);

    const second = at(first, await newEmptyUrl('', 'postgres'));
    await move(first, second);
    const next = await startServer(second);
    expect(await keysOf(second)).toEqual(keys);
    await expectToWork(second.url, ada);
    await expectTheftToBeSeen(second.url, bob);
    await stop(next.child);

    const third = at(first, `sqlite:${first.folder}/back.db`);
    await move(second, third);
    await startServer(third);
    expect(await keysOf(third)).toEqual(keys);
    await expectToWork(third.url, ada);
    await expectTheftToBeSeen(third.url, ada);
  });
});

function at({ environment, ...rest }: Installation, url: string): Installation {
  return { ...rest, environment: { ...environment, DATABASE_URL: url } };
}

async function move(from: Installation, to: Installation): Promise<void> {
  const args = [
    '--from',
    from.environment['DATABASE_URL'] ?? '',
    '--to',
    to.environment['DATABASE_URL'] ?? '',
    '--json',
  ];
  const end = await runCommand('migrate', args, to);
  expect(end).toMatchObject({ code: 0 });
  expect(JSON.parse(end.stdout)).toMatchObject({ source_in_use: false });
  // The password of a URL is nobody's business.
  const password = new URL(to.environment['DATABASE_URL']?.replace('sqlite:', 'postgres://x/') ?? '').password;
  if (password !== '') expect(end.stdout + end.stderr).not.toContain(password);
}

async function keysOf({ url }: Installation): Promise<unknown> {
  return (await fetch(`${url}/.well-known/jwks.json`)).json();
}

async function stop(child: Awaited<ReturnType<typeof startServer>>['child']): Promise<void> {
  child.kill('SIGINT');
  if (child.exitCode === null) await once(child, 'exit');
}
