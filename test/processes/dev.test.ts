import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { compileCache } from '../support/compile-cache.ts';
import { freePort } from '../support/free-port.ts';
import { copyProject, edit } from '../support/project-copy.ts';
import { isThere } from '../support/workers.ts';

const started = /^dev: the server is process (\d+)$/gm;
/** The last line that a server prints when it serves. */
const serves = /^Next /gm;

describe('npm run dev', () => {
  /** One for all, so that what is compiled once stays so: each test puts back what would be in the way of the next. */
  let copy: Awaited<ReturnType<typeof copyProject>>;
  let url: string;
  let npm: ChildProcess;
  let closed: Promise<void>;
  let isClosed: boolean;
  let printed: string;
  /** Whoever waits for more to be printed. */
  let wake: () => void = () => undefined;

  const inCopy = (name: string) => join(copy.folder, name);
  const pids = () => [...printed.matchAll(started)].map(([, pid]) => Number(pid));
  const countOf = (pattern: RegExp) => printed.match(pattern)?.length ?? 0;

  /** Resolves when `isSo`, which depends on what has been printed; says what that was when npm ends before. */
  async function printedUntil(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (isClosed) throw new Error(`npm run dev has ended: ${printed}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  async function afterNextStart(change: () => Promise<unknown>): Promise<void> {
    const [before, pid] = [countOf(serves), pids().at(-1)];
    await change();
    await printedUntil(() => countOf(serves) > before && pids().at(-1) !== pid);
  }

  function parentOf(pid: number | undefined): number {
    return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));
  }

  beforeAll(async () => {
    copy = await copyProject();
  });

  afterAll(() => copy.remove());

  async function startDev(environment: Record<string, string> = {}): Promise<void> {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    printed = '';
    isClosed = false;
    // A group of its own, as a terminal gives it.
    npm = spawn('npm', ['run', 'dev'], {
      cwd: copy.folder,
      env: { ...compileCache, PATH: process.env['PATH'] ?? '', PORT: String(port), LOG_LEVEL: 'warn', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [npm.stdout, npm.stderr])
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        printed += chunk;
        wake();
      });
    // Not before all that hold its output have ended.
    closed = once(npm, 'close').then(() => {
      isClosed = true;
      wake();
    });
    await printedUntil(() => countOf(serves) === 1);
  }

  afterEach(async () => {
    if (npm.pid !== undefined && !isClosed) process.kill(-npm.pid, 'SIGKILL');
    await closed;
  });

  it('starts the server again when its source changes, once for many files, and after it could not start', async () => {
    await startDev();
    const [first = 0] = pids();
    const file = inCopy('src/operations/health.ts');
    await afterNextStart(() => utimes(file, new Date(), new Date()));
    expect(await isThere(first)).toBe(false);
    expect(await isThere(pids().at(-1) ?? 0)).toBe(true);
    expect((await fetch(`${url}/livez`)).status).toBe(200);

    // As editors do that put another file in its place; and many at once.
    const copies = ['etag.ts', 'clock.ts', 'network.ts', 'keys/keyring/keyring.ts', 'operations/health.ts'];
    await afterNextStart(async () => {
      for (const name of copies) {
        await writeFile(inCopy('next.ts'), await readFile(inCopy(`src/${name}`)));
        await rename(inCopy('next.ts'), inCopy(`src/${name}`));
      }
    });

    const ended = /^dev: the server has ended \(exit code 1\); the next change starts it again$/gm;
    await edit(inCopy('src/server/banner.ts'), (code) => `${code}\nthrow new Error('not yet done');\n`);
    await printedUntil(() => countOf(ended) === 1);
    expect(printed).toContain('not yet done');
    await afterNextStart(() => edit(inCopy('src/server/banner.ts'), (code) => code.replace(/\nthrow .*\n$/, '')));
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    // The first, one for each change, and one that could not: none twice.
    expect(pids()).toHaveLength(5);
  });

  it('generates from openapi.yaml when that changes; one with a fault leaves the server as it is', async () => {
    await startDev();
    const contract = inCopy('openapi.yaml');
    const summary = 'Whether the process has not died of boredom';
    await afterNextStart(() =>
      edit(contract, (yaml) => yaml.replace(/(operationId: getLiveness\n(?:.*\n)*?.*summary: ).*/, `$1${summary}`)),
    );
    expect(await readFile(inCopy('src/generated/api.ts'), 'utf8')).toContain(summary);
    expect(await (await fetch(`${url}/openapi.json`)).text()).toContain(summary);

    const pid = pids().at(-1);
    await edit(contract, (yaml) => `${yaml}\nnonsense: [\n`);
    await printedUntil(() => /^dev: openapi\.yaml has a fault, so the server runs on as it is$/m.test(printed));
    expect(printed).toMatch(/^openapi\.yaml: .* at line \d+, column \d+:$/m);
    expect(pids().at(-1)).toBe(pid);
    expect(await (await fetch(`${url}/openapi.json`)).text()).toContain(summary);

    await afterNextStart(() => edit(contract, (yaml) => yaml.replace('\nnonsense: [\n', '')));
    // What was generated has started no server by itself.
    expect(pids()).toHaveLength(3);
  });

  it.each([
    { name: 'Ctrl-C', signal: (): boolean => process.kill(-(npm.pid ?? NaN), 'SIGINT') },
    { name: 'SIGTERM', signal: (): boolean => npm.kill('SIGTERM') },
    {
      name: 'kill -9 of the program that watches',
      // Each of them loads what ends the server with it.
      environment: { WORKERS: '2' },
      signal: (): boolean => process.kill(parentOf(pids()[0]), 'SIGKILL'),
    },
  ])('ends with its server upon $name', async ({ signal, environment }) => {
    await startDev(environment);
    const [pid = 0] = pids();
    expect(await isThere(pid)).toBe(true);
    signal();
    await closed;
    expect(await isThere(pid)).toBe(false);
    await expect(fetch(`${url}/livez`)).rejects.toThrow('fetch failed');
  });
});
