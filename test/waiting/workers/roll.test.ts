/** SIGHUP: new workers in the place of the old ones, one after another. */
import { chmod } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { hammer } from '../../support/hammer.ts';
import { portOf } from '../../support/installation.ts';
import { sharedServer } from '../../support/server-process.ts';
import { childrenOf, startWorkers } from '../../support/workers.ts';
import { waitFor } from '../../support/wait.ts';

const logged = { LOG_LEVEL: 'info' };
const rollsIn = ({ stderr }: { stderr: string }) => stderr.match(/"msg":"workers-replaced"/g)?.length ?? 0;

describe('a rolling restart', { timeout: 180_000 }, () => {
  // In this order: each waits for its last roll.
  const shared = sharedServer({ WORKERS: '2', ...logged });
  let lengthBefore = 0;
  /** Since the test began. */
  const printed = () => shared.printed.stderr.slice(lengthBefore);
  const rolls = () => rollsIn({ stderr: printed() });
  const roll = () => process.kill(shared.pid, 'SIGHUP');

  async function areNew(before: readonly number[]): Promise<boolean> {
    const now = await childrenOf(shared.pid);
    return now.length === 2 && now.every((pid) => !before.includes(pid));
  }

  /** Waits until no roll is under way, nor asked for: the same two workers for a while. */
  async function calm(): Promise<void> {
    await waitFor(async () => {
      const before = await childrenOf(shared.pid);
      for (let looks = 0; looks < 15; looks += 1) {
        await sleep(100);
        if (!isDeepStrictEqual(await childrenOf(shared.pid), before)) return false;
      }
      return before.length === 2;
    });
  }

  beforeEach(() => {
    lengthBefore = shared.printed.stderr.length;
  });

  it('has a new one serve before an old one ends', async () => {
    const counts = new Set<number>();
    roll();
    await waitFor(async () => {
      counts.add((await childrenOf(shared.pid)).length);
      return rolls() === 1;
    });
    expect([...counts].sort()).toEqual([2, 3]);
  });

  it('that is asked for in the midst of one is done after it', async () => {
    roll();
    await waitFor(async () => (await childrenOf(shared.pid)).length === 3);
    roll();
    await waitFor(() => rolls() === 2);
  });

  it('ends when a new one cannot start: the old ones go on, until the fault is mended', async () => {
    const before = await childrenOf(shared.pid);
    const kek = `${shared.folder}/keys/key-encryption-key`;
    await chmod(kek, 0o644);
    roll();
    await waitFor(() => printed().includes('rolling-restart-given-up'));
    expect(printed()).toMatch(/"reason":"The key-encryption key in .* is open to others/);
    expect(await childrenOf(shared.pid)).toEqual(before);
    expect((await fetch(`${shared.url}/readyz`)).status).toBe(200);
    await chmod(kek, 0o600);
    roll();
    await waitFor(() => rolls() === 1);
  });

  it('goes on past a worker that is killed in the midst of it', async () => {
    const before = await childrenOf(shared.pid);
    roll();
    process.kill(before[1] ?? NaN, 'SIGKILL');
    await waitFor(() => rolls() === 1);
    await waitFor(() => areNew(before));
  });

  it('replaces all workers, and no request is lost, on connections that are kept as well as on new ones', async () => {
    const before = await childrenOf(shared.pid);
    const load = hammer(portOf(shared));
    await sleep(500);
    // Thrice at once: what comes while one is under way is done once more, and not lost.
    for (let n = 0; n < 3; n += 1) roll();
    await waitFor(() => rolls() >= 1);
    roll();
    await waitFor(() => rolls() >= 2);
    await calm();
    expect(await areNew(before)).toBe(true);
    const { answered, faults } = await load.stop();
    expect(faults).toEqual([]);
    expect(answered).toBeGreaterThan(200);
    expect(shared.printed.stdout.match(/Tessera {2}/g)).toHaveLength(1);
  });

  it('comes through when the signals reach every process of the group, at every moment', async () => {
    const supervisor = await startWorkers(logged, { detached: true });
    for (let n = 0; n < 12; n += 1) {
      process.kill(-supervisor.pid, 'SIGHUP');
      await sleep(120);
    }
    const isCalm = async () => {
      const rolls = rollsIn(supervisor.server.printed);
      await sleep(2500);
      return (
        rolls > 0 && rollsIn(supervisor.server.printed) === rolls && (await childrenOf(supervisor.pid)).length === 2
      );
    };
    await waitFor(isCalm);
    expect(supervisor.server.printed.stderr).not.toContain('given-up');
    expect((await fetch(`${supervisor.installation.url}/readyz`)).status).toBe(200);
    process.kill(-supervisor.pid, 'SIGTERM');
    expect((await supervisor.server.ended).code).toBe(0);
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
