import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { query } from '../../support/installed-data.ts';
import { changeSettings, newInstallation } from '../../support/installation.ts';
import { run } from '../../support/process.ts';
import { startServer } from '../../support/server-process.ts';
import { usedInstallation } from '../../support/used-installation.ts';
import { waitFor } from '../../support/wait.ts';

async function start(environment: Record<string, string>) {
  const installation = await newInstallation({ LOG_LEVEL: 'info', ...environment });
  const server = await startServer(installation);
  const { printed } = server;
  return {
    ...server,
    url: installation.url,
    lines: () => printed.stderr.split('\n').filter((line) => line.includes('request')),
  };
}

describe.concurrent('what the server logs', () => {
  it('is JSON on standard error, soon, whole and in order, and all of it when the server ends', async () => {
    const { url, child, ended, printed, lines } = await start({});
    await fetch(`${url}/users/me`);
    await waitFor(() => {
      expect(lines()).toHaveLength(1);
    });
    const statuses = await Promise.all(
      Array.from({ length: 400 }, async () => (await fetch(`${url}/users/me`)).status),
    );
    expect(new Set(statuses)).toEqual(new Set([401]));
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    expect(lines()).toHaveLength(401);
    const times = lines().map((line) => (JSON.parse(line) as { time: number }).time);
    expect(times).toEqual([...times].sort());
    expect(printed.stdout).not.toContain('"level"');
  });

  it('is for people where that is asked for', async () => {
    const { url, child, ended, printed } = await start({ LOG_FORMAT: 'pretty' });
    await fetch(`${url}/users/me`);
    child.kill('SIGTERM');
    await ended;
    expect(printed.stderr).toMatch(/\d\d:\d\d:\d\d.*INFO.*request/);
    expect(printed.stderr).toMatch(/operation: "getCurrentUser"/);
  });

  it('does nothing at a terminal, whatever a name in the database has in it: in JSON it is told exactly', async () => {
    // A colour, C1, directions, breaks of the line, and DEL.
    const evil = '\u001B[31m\u009B2J\u202E\u2066\u2028\u2029\u007F\n\tend';
    const shown = String.raw`\u009b2J\u202e\u2066\u2028\u2029\u007f`;
    const installation = await usedInstallation();
    query(
      installation,
      `insert into signing_keys (kid, succeeds, alg, published_at, activates_at, public_jwk)
        select ?, 'x', alg, published_at, activates_at, public_jwk from signing_keys limit 1`,
      evil,
    );
    for (const format of ['json', 'pretty']) {
      const { child, ended, printed } = await startServer(changeSettings(installation, { LOG_FORMAT: format }));
      await waitFor(() => printed.stderr.includes('key-rejected'));
      child.kill('SIGTERM');
      await ended;
      expect(printed.stderr).not.toMatch(/[\0-\u0009\u000B-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069]/);
      const line = printed.stderr.split('\n').find((each) => each.includes(shown)) ?? '';
      if (format === 'pretty') expect(line).toMatch(/^ +kid: "\\u001b\[31m.*\\n\\tend"$/);
      else expect(JSON.parse(line)).toMatchObject({ kid: evil });
    }
  });

  it('does not hold up the server when nobody reads it', async () => {
    const { url, child } = await start({});
    child.stderr.pause();
    for (let turn = 0; turn < 10; turn += 1)
      await Promise.all(Array.from({ length: 100 }, () => fetch(`${url}/users/me`)));
    await sleep(200);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
  });

  it('still says why it cannot start', async () => {
    const installation = await newInstallation({ DATABASE_URL: 'sqlite:/dev/null/nowhere' });
    const { code, stderr } = await run('src/main.ts', [], installation);
    expect(code).toBe(1);
    expect(stderr).toContain('/dev/null/nowhere');
  });
});
