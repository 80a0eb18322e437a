import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { connectTo } from '../../support/database.ts';
import { expectToWork, refresh, signUp } from '../../support/moving-installation.ts';
import { freePort } from '../../support/free-port.ts';
import { runCommand } from '../../support/command.ts';
import { newInstallation } from '../../support/installation.ts';
import { run } from '../../support/process.ts';
import { startServer } from '../../support/server-process.ts';
import { waitFor } from '../../support/wait.ts';

describe('npm run backup', () => {
  it('says what it wrote, for people or programs, and refuses to overwrite', async () => {
    const installation = await newInstallation();
    await runCommand('users', ['create', '--username', 'ada'], installation);
    const file = `${installation.folder}/backup.db`;
    const made = await runCommand('backup', [file], installation);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toMatch(/^Backed 3 rows of 13 tables of \S+tessera\.db up to \S+backup\.db \(\d+ bytes\)\.\n$/);
    expect(await runCommand('backup', [file], installation)).toEqual({
      ...{ code: 3, stdout: '', stderr: `There is a file ${file} already.\n` },
    });
    const json = await runCommand('backup', [`${file}.2`, '--json', '--reason', 'the weekly one'], installation);
    expect(JSON.parse(json.stdout)).toMatchObject({
      file: `${file}.2`,
      bytes: (await stat(`${file}.2`)).size,
      rows: 4,
      not_recorded: null,
    });
    const kept = { environment: { ...installation.environment, DATABASE_URL: `sqlite:${file}` } };
    const unrecorded = await runCommand('backup', [`${file}.3`, '--json'], kept);
    const obstacle = 'it is a file that no server has worked with';
    expect(JSON.parse(unrecorded.stdout)).toMatchObject({ not_recorded: obstacle });
    expect(unrecorded.stderr).toBe(`The audit trail has no event of this: ${obstacle}\n`);
    const connection = await connectTo(installation.environment['DATABASE_URL'] ?? '');
    const events = await connection.all(`select * from audit_events where type = 'backup.started' order by seq`);
    const actor = JSON.stringify({ kind: 'script', name: userInfo().username });
    expect(events).toMatchObject([
      { actor, detail: `to ${file}`, reason: null },
      { actor, detail: `to ${file}.2`, reason: 'the weekly one' },
    ]);
    expect(await runCommand('backup', [], installation)).toMatchObject({ code: 2, stdout: '' });
  });

  it('of a server at work holds all that was acknowledged before it began, and is restored beside it', async () => {
    const installation = await newInstallation({ REFRESH_REUSE_GRACE: '0s' });
    await startServer(installation);
    const ada = await signUp(installation, 'ada');
    const busy = await signUp(installation, 'busy');
    // Somebody else writes all the time.
    let isOver = false as boolean;
    let written = 0;
    const writing = (async () => {
      while (!isOver) {
        const { status, body } = await refresh(installation.url, busy.tokens.refresh_token);
        expect(status).toBe(200);
        busy.tokens = body;
        written += 1;
      }
    })();
    await waitFor(() => written >= 5);
    const file = `${installation.folder}/backup.db`;
    const end = await run('scripts/backup.ts', [file], installation);
    const during = written;
    isOver = true;
    await writing;
    expect(end).toMatchObject({ code: 0 });
    expect(during).toBeGreaterThan(5);
    expect((await readdir(installation.folder)).filter((name) => name.startsWith('backup'))).toEqual(['backup.db']);

    // The keys directory is kept apart, and is needed.
    const port = String(await freePort());
    const url = `sqlite:${installation.folder}/elsewhere/tessera.db`;
    const environment = { ...installation.environment, DATABASE_URL: url, PORT: port, ISSUER: installation.url };
    const restored = { ...installation, url: `http://127.0.0.1:${port}`, environment };
    expect(await runCommand('migrate', ['--from', `sqlite:${file}`], restored)).toMatchObject({ code: 0 });
    const server = await startServer(restored);
    await expectToWork(restored.url, ada);
    server.child.kill('SIGINT');
    await once(server.child, 'exit');
  });
});
