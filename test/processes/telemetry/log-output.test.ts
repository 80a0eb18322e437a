import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { newInstallation } from '../../support/installation.ts';
import { run } from '../../support/process.ts';
import { startServer } from '../../support/server-process.ts';
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
