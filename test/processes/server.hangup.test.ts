/** SIGHUP, by which whoever runs the server has it read its files again: it never ends a server, whatever it has to read. */
import { mkdir, readFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { newInstallation } from '../support/installation.ts';
import { launchServer } from '../support/server-process.ts';
import { waitFor } from '../support/wait.ts';

/** Whether the process has a handler for it. */
async function catchesHangup(pid: number): Promise<boolean> {
  const [, caught = '0'] = /^SigCgt:\t(\w+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (BigInt(`0x${caught}`) & 1n) === 1n;
}

describe.concurrent('SIGHUP', () => {
  it('leaves a single process without a certificate as it is', async () => {
    const { child, ready, ended } = launchServer(await newInstallation());
    await ready;
    for (let n = 0; n < 3; n += 1) {
      child.kill('SIGHUP');
      await sleep(100);
    }
    expect(child.signalCode).toBeNull();
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([{}, { WORKERS: '2' }])('does not end a start that is under way: %j', async (environment) => {
    const installation = await newInstallation(environment);
    await mkdir(`${installation.folder}/data`);
    // Which the start waits for.
    const database = new DatabaseSync(`${installation.folder}/data/tessera.db`);
    database.exec('begin exclusive');
    const { child, ready, ended, printed } = launchServer(installation);
    await waitFor(async () => catchesHangup(child.pid ?? 0), 20);
    child.kill('SIGHUP');
    await sleep(500);
    expect({ signal: child.signalCode, ...printed }).toEqual({ signal: null, stdout: '', stderr: '' });
    database.exec('rollback');
    database.close();
    await ready;
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });
});
