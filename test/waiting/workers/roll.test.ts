/** SIGHUP: new workers in the place of the old ones, one after another. */
import { chmod } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { hammer } from '../../support/hammer.ts';
import { portOf } from '../../support/installation.ts';
import { type Supervisor, childrenOf, startWorkers } from '../../support/workers.ts';
import { waitFor } from '../../support/wait.ts';

const rollsOf = ({ server }: Supervisor) => server.printed.stderr.match(/"msg":"workers-replaced"/g)?.length ?? 0;
const logged = { LOG_LEVEL: 'info' };

describe.concurrent('a rolling restart', { timeout: 180_000 }, () => {
  it('replaces all workers, and no request is lost, on connections that are kept as well as on new ones', async () => {
    const supervisor = await startWorkers(logged);
    const before = await childrenOf(supervisor.pid);
    const load = hammer(portOf(supervisor.installation));
    await sleep(500);
    // Thrice at once: what comes while one is under way is done once more, and not lost.
    for (let n = 0; n < 3; n += 1) supervisor.server.child.kill('SIGHUP');
    await waitFor(() => rollsOf(supervisor) >= 1);
    supervisor.server.child.kill('SIGHUP');
    await waitFor(() => rollsOf(supervisor) >= 2);
    await sleep(1500);
    const { answered, faults } = await load.stop();
    expect(faults).toEqual([]);
    expect(answered).toBeGreaterThan(200);
    const after = await childrenOf(supervisor.pid);
    expect(after).toHaveLength(2);
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    expect(supervisor.server.printed.stdout.match(/Tessera {2}/g)).toHaveLength(1);
  });

  it('has a new one serve before an old one ends', async () => {
    const supervisor = await startWorkers(logged);
    const counts = new Set<number>();
    supervisor.server.child.kill('SIGHUP');
    await waitFor(async () => {
      counts.add((await childrenOf(supervisor.pid)).length);
      return rollsOf(supervisor) === 1;
    });
    expect(rollsOf(supervisor)).toBe(1);
    expect([...counts].sort()).toEqual([2, 3]);
  });

  it('that is asked for in the midst of one is done after it', async () => {
    const supervisor = await startWorkers(logged);
    supervisor.server.child.kill('SIGHUP');
    await waitFor(async () => (await childrenOf(supervisor.pid)).length === 3);
    supervisor.server.child.kill('SIGHUP');
    await waitFor(() => rollsOf(supervisor) === 2);
  });

  it('ends when a new one cannot start: the old ones go on, until the fault is mended', async () => {
    const supervisor = await startWorkers(logged);
    const before = await childrenOf(supervisor.pid);
    const kek = `${supervisor.installation.folder}/keys/key-encryption-key`;
    await chmod(kek, 0o644);
    supervisor.server.child.kill('SIGHUP');
    await waitFor(() => supervisor.server.printed.stderr.includes('rolling-restart-given-up'));
    expect(supervisor.server.printed.stderr).toMatch(/"reason":"The key-encryption key in .* is open to others/);
    expect(await childrenOf(supervisor.pid)).toEqual(before);
    expect((await fetch(`${supervisor.installation.url}/readyz`)).status).toBe(200);
    await chmod(kek, 0o600);
    supervisor.server.child.kill('SIGHUP');
    await waitFor(() => rollsOf(supervisor) === 1);
  });

  it('comes through when the signals reach every process of the group, at every moment', async () => {
    const supervisor = await startWorkers(logged, { detached: true });
    for (let n = 0; n < 12; n += 1) {
      process.kill(-supervisor.pid, 'SIGHUP');
      await sleep(120);
    }
    const isCalm = async () => {
      const rolls = rollsOf(supervisor);
      await sleep(2500);
      return rolls > 0 && rollsOf(supervisor) === rolls && (await childrenOf(supervisor.pid)).length === 2;
    };
    await waitFor(isCalm);
    expect(supervisor.server.printed.stderr).not.toContain('given-up');
    expect((await fetch(`${supervisor.installation.url}/readyz`)).status).toBe(200);
    process.kill(-supervisor.pid, 'SIGTERM');
    expect((await supervisor.server.ended).code).toBe(0);
  });

  it('goes on past a worker that is killed in the midst of it', async () => {
    const supervisor = await startWorkers(logged);
    const before = await childrenOf(supervisor.pid);
    supervisor.server.child.kill('SIGHUP');
    process.kill(before[1] ?? 0, 'SIGKILL');
    await waitFor(() => rollsOf(supervisor) === 1);
    const isWhole = async () => {
      const now = await childrenOf(supervisor.pid);
      return now.length === 2 && now.every((pid) => !before.includes(pid));
    };
    await waitFor(isWhole);
  });

  it('is given up when the server is told to stop', async () => {
    const supervisor = await startWorkers(logged, { detached: true });
    supervisor.server.child.kill('SIGHUP');
    await waitFor(async () => (await childrenOf(supervisor.pid)).length === 3);
    supervisor.server.child.kill('SIGTERM');
    expect((await supervisor.server.ended).code).toBe(0);
    expect(supervisor.server.printed.stderr).not.toMatch(/given-up|worker-ended|"level":50/);
  });
});
