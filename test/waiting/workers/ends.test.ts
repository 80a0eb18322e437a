/** Workers, and the process over them, that come to an end: by a crash, by signals to one of them or to all. */
import { chmod } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { hammer } from '../../support/hammer.ts';
import { portOf } from '../../support/installation.ts';
import { ask, beginRequest } from '../../support/wire.ts';
import { childrenOf, isThere, startWorkers } from '../../support/workers.ts';
import { waitFor } from '../../support/wait.ts';

const isRefused = (port: number) =>
  ask(port, 'GET', '/livez').then(
    () => false,
    () => true,
  );

/** Sooner than its grace would let it live. */
const isGone = (pid: number) => waitFor(async () => !(await isThere(pid)), 9);

describe.concurrent('a worker', { timeout: 300_000 }, () => {
  it('that is killed is replaced, again and again, and the others serve meanwhile', async () => {
    const supervisor = await startWorkers({ LOG_LEVEL: 'info' });
    for (let round = 0; round < 3; round += 1) {
      const before = await childrenOf(supervisor.pid);
      process.kill(before[0] ?? NaN, 'SIGKILL');
      await isGone(before[0] ?? NaN);
      expect((await ask(portOf(supervisor.installation), 'GET', '/readyz')).status).toBe(200);
      const replaced = () => supervisor.server.printed.stderr.match(/"msg":"worker-replaced"/g)?.length ?? 0;
      await waitFor(() => replaced() === round + 1);
      expect(await childrenOf(supervisor.pid)).toHaveLength(2);
    }
    expect(supervisor.server.printed.stderr.match(/"signal":"SIGKILL".*"msg":"worker-ended"/g)).toHaveLength(3);
    supervisor.server.child.kill('SIGTERM');
    expect((await supervisor.server.ended).code).toBe(0);
  });

  it('comes back soon while none serves, however often all are killed, while they start, too', async () => {
    const supervisor = await startWorkers();
    const killed = new Set<number>();
    /** Milliseconds from a kill to the next start. */
    const gaps: number[] = [];
    let killedAt = performance.now();
    while (killed.size < 19) {
      for (const worker of await childrenOf(supervisor.pid)) {
        if (killed.has(worker)) continue;
        gaps.push(performance.now() - killedAt);
        killed.add(worker);
        process.kill(worker, 'SIGKILL');
        killedAt = performance.now();
      }
      await sleep(10);
    }
    // Alone, the wait of each would have grown to ten seconds by now. The middle, since a busy machine has its moments.
    const latest = gaps.slice(-8).sort((a, b) => a - b);
    expect(latest[4]).toBeLessThan(2000);
    await waitFor(async () => (await ask(portOf(supervisor.installation), 'GET', '/readyz')).status === 200);
    supervisor.server.child.kill('SIGTERM');
    expect((await supervisor.server.ended).code).toBe(0);
  });

  it('is started every 5 s, and said to be hopeless, once 20 starts have never served; the fault mended, it serves', async () => {
    const supervisor = await startWorkers();
    const { printed } = supervisor.server;
    const lines = (message: string) =>
      printed.stderr
        .split('\n')
        .filter((line) => line.endsWith(`"msg":"${message}"}`))
        .map((line) => JSON.parse(line) as { level: number; time: number; starts?: number });
    const kek = `${supervisor.installation.folder}/keys/key-encryption-key`;
    await chmod(kek, 0o644);
    for (const worker of await childrenOf(supervisor.pid)) process.kill(worker, 'SIGKILL');
    await waitFor(() => lines('workers-do-not-start').length > 0, 150);
    expect(lines('workers-do-not-start')).toMatchObject([{ level: 60, starts: 20 }]);
    // A start of the other worker may have been on its way.
    await waitFor(() => lines('worker-not-replaced').length >= 22);
    const [told] = lines('workers-do-not-start');
    expect((lines('worker-not-replaced')[21]?.time ?? 0) - (told?.time ?? Infinity)).toBeGreaterThan(4900);
    expect(lines('workers-do-not-start')).toHaveLength(1);
    await chmod(kek, 0o600);
    await waitFor(async () => (await ask(portOf(supervisor.installation), 'GET', '/readyz')).status === 200);
    supervisor.server.child.kill('SIGTERM');
    expect((await supervisor.server.ended).code).toBe(0);
  });

  it('leaves signals to the process over it: those to a single one are no news, those to the group reach both', async () => {
    const supervisor = await startWorkers({}, { detached: true });
    const workers = await childrenOf(supervisor.pid);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.kill(workers[0] ?? NaN, signal);
    await sleep(300);
    expect(await childrenOf(supervisor.pid)).toEqual(workers);
    expect((await ask(portOf(supervisor.installation), 'GET', '/readyz')).status).toBe(200);
    process.kill(-supervisor.pid, 'SIGTERM');
    expect(await supervisor.server.ended).toMatchObject({ code: 0, stderr: '' });
    for (const worker of workers) expect(await isGone(worker)).toBe(true);
  });

  it('does not outlive the process over it, busy or idle', async () => {
    const supervisor = await startWorkers();
    const workers = await childrenOf(supervisor.pid);
    const load = hammer(portOf(supervisor.installation));
    supervisor.server.child.kill('SIGKILL');
    for (const worker of workers) expect(await isGone(worker)).toBe(true);
    await load.stop();
    await expect(ask(portOf(supervisor.installation), 'GET', '/livez')).rejects.toThrow('ECONNREFUSED');
  });
});

const form = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': '7' };

describe.concurrent('the process over the workers', { timeout: 180_000 }, () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('lets them finish what is in flight: %s to the group', async (signal) => {
    const supervisor = await startWorkers({ SHUTDOWN_GRACE: '1h' }, { detached: true });
    const begun = await beginRequest(portOf(supervisor.installation), 'POST', '/revoke', form);
    process.kill(-supervisor.pid, signal);
    process.kill(-supervisor.pid, signal);
    await waitFor(() => isRefused(portOf(supervisor.installation)));
    begun.socket.write('token=x');
    expect(await supervisor.server.ended).toMatchObject({ code: 0, stderr: '' });
    expect(begun.received()).toMatch(/\r\nHTTP\/1\.1 200 OK\r\n[^]*Connection: close/i);
  });

  it('kills them, and ends with 1, when it is told again after a second', async () => {
    const supervisor = await startWorkers({ SHUTDOWN_GRACE: '1h' });
    const workers = await childrenOf(supervisor.pid);
    const { socket } = await beginRequest(portOf(supervisor.installation), 'POST', '/revoke', form);
    supervisor.server.child.kill('SIGTERM');
    await waitFor(() => isRefused(portOf(supervisor.installation)));
    await sleep(1200);
    expect((await childrenOf(supervisor.pid)).length).toBeGreaterThan(0);
    supervisor.server.child.kill('SIGTERM');
    expect((await supervisor.server.ended).code).toBe(1);
    for (const worker of workers) expect(await isGone(worker)).toBe(true);
    socket.destroy();
  });

  it('kills one that does not answer any more when its grace and some seconds are over', async () => {
    const supervisor = await startWorkers({ SHUTDOWN_GRACE: '1s' });
    const [first = NaN] = await childrenOf(supervisor.pid);
    process.kill(first, 'SIGSTOP');
    supervisor.server.child.kill('SIGTERM');
    expect((await supervisor.server.ended).code).toBe(1);
    expect(supervisor.server.printed.stderr).toMatch(new RegExp(`"worker":${first}.*"msg":"worker-killed"`));
  });

  it('has all of them fail their readiness before it refuses connections', async () => {
    const supervisor = await startWorkers({ SHUTDOWN_DELAY: '4s' });
    supervisor.server.child.kill('SIGTERM');
    const statuses: number[] = [];
    await waitFor(async () => (await ask(portOf(supervisor.installation), 'GET', '/readyz')).status === 503);
    for (let n = 0; n < 6; n += 1) {
      statuses.push((await ask(portOf(supervisor.installation), 'GET', '/readyz')).status);
      statuses.push((await ask(portOf(supervisor.installation), 'GET', '/.well-known/jwks.json')).status);
    }
    expect(statuses).toEqual(Array(6).fill([503, 200]).flat());
    expect(await supervisor.server.ended).toMatchObject({ code: 0, stderr: '' });
  });
});
