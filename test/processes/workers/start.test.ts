import { readdir, readlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { newInstallation } from '../../support/installation.ts';
import { run } from '../../support/process.ts';
import { launchServer } from '../../support/server-process.ts';
import { childrenOf, isThere, startWorkers } from '../../support/workers.ts';
import { waitFor } from '../../support/wait.ts';
import { whenTestEnds } from '../../support/test-end.ts';

/** The names of the files that a process has open. */
async function filesOf(pid: number): Promise<string[]> {
  const names = await readdir(`/proc/${pid}/fd`);
  return Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
}

describe.concurrent('a server with workers', { timeout: 180_000 }, () => {
  it('greets once when all serve, under a process that has no database open', async () => {
    const { server, installation, pid } = await startWorkers({ WORKERS: '3' });
    const workers = await childrenOf(pid);
    expect(workers).toHaveLength(3);
    expect(server.printed.stdout.split('\n')).toHaveLength(5);
    expect(server.printed.stdout).toContain(`Tessera  ${installation.url}\n`);
    expect(server.printed.stderr).toBe('');
    const isOpen = async (of: number) => (await filesOf(of)).some((name) => name.includes('tessera.db'));
    expect(await Promise.all([pid, ...workers].map(isOpen))).toEqual([false, true, true, true]);

    // They take turns, and have the same keys.
    const sets = await Promise.all(
      Array.from({ length: 12 }, async () => (await fetch(`${installation.url}/.well-known/jwks.json`)).text()),
    );
    expect(new Set(sets).size).toBe(1);
    server.child.kill('SIGTERM');
    expect(await server.ended).toMatchObject({ code: 0, stderr: '' });
    expect(await Promise.all(workers.map(isThere))).toEqual([false, false, false]);
  });

  it('does not start when a worker cannot: the reason is said once, and nobody is left', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    whenTestEnds(() => void squatter.close());
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    const taken = await newInstallation({ WORKERS: '3', PORT: String(port) });
    const locked = await newInstallation({ WORKERS: '3' });
    await writeFile(`${locked.folder}/keys`, '');
    const faulty = await newInstallation({ WORKERS: 'many' });
    const ends = await Promise.all([taken, locked, faulty].map((each) => run('src/main.ts', [], each)));
    expect(ends.map(({ code, stdout }) => ({ code, stdout }))).toEqual(Array(3).fill({ code: 1, stdout: '' }));
    const [portTaken = '', keys = '', setting = ''] = ends.map(({ stderr }) => stderr.trim());
    expect(portTaken).toMatch(new RegExp(`^Tessera cannot start: PORT: .*EADDRINUSE.*${port}$`));
    expect(keys).toMatch(/^The key-encryption key.*$/);
    expect(setting).toMatch(/^The environment cannot be used:\n {2}- WORKERS: .*$/);
  });

  it('may be told to stop at any moment of its start, and ends with 0', async () => {
    // The first of them before the signals are caught is ended by the signal itself.
    const stopAfter = async (wait: number) => {
      const server = launchServer(await newInstallation({ WORKERS: '2', SHUTDOWN_GRACE: '60s' }));
      await sleep(wait);
      const workers = await childrenOf(server.child.pid ?? 0);
      server.child.kill('SIGTERM');
      const { code, stderr } = await server.ended;
      expect({ wait, code: code ?? 0, stderr }).toEqual({ wait, code: 0, stderr: '' });
      for (const worker of workers) await waitFor(async () => !(await isThere(worker)));
    };
    await pLimit(2).map([150, 300, 500, 800, 1200, 1800], stopAfter);
  });

  it('is what starts a worker, and nobody else', async () => {
    const { code, stdout, stderr } = await run('src/main.ts', ['worker'], await newInstallation());
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^A worker is started by the process over it.*\n$/);
  });
});

describe('the workers, or the process over them,', () => {
  it('say which setting it is when a host does not resolve', async () => {
    const settings = { WORKERS: '2', MANAGEMENT_PORT: String(await freePort()) };
    for (const name of ['HOST', 'MANAGEMENT_HOST']) {
      const installation = await newInstallation({ ...settings, [name]: 'nowhere.invalid' });
      const { code, stdout, stderr } = await run('src/main.ts', [], installation);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      const saying = `${name}: nowhere\\.invalid does not resolve to an address: .*`;
      expect(stderr).toMatch(new RegExp(`^Tessera cannot start: ${saying}\\n$`));
    }
  });
});
