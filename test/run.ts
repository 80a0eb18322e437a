/**
 * `npm test`: every lane, and beside it the checks of types, style and contract, which need no test to have passed. With
 * `--all`, all that runs in process runs over PostgreSQL, too. Other arguments go to vitest, and then nothing is checked; nor
 * is it with `--quick`, the lanes unit and app with three tenths of the cases of each property.
 * `npm test -- refresh`, `npm test -- -t 'RFC9700-4.14.2/reuse]'`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { compileCache } from './support/compile-cache.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const given = process.argv.slice(2);
const isQuick = given.includes('--quick');
const forVitest = [
  ...given.filter((argument) => argument !== '--all' && argument !== '--quick'),
  ...(isQuick ? ['--project', 'unit', '--project', 'app'] : []),
];
const environment = {
  ...process.env,
  ...(given.includes('--all') && { OVER_POSTGRES: 'all' }),
  ...(isQuick && { FUZZ_SHARE: '0.3' }),
  ...compileCache,
};
const running = new Set<ChildProcess>();

function start(command: string, args: readonly string[], stdio: 'inherit' | 'pipe'): ChildProcess {
  const child = spawn(command, args, { cwd: root, env: environment, stdio: ['ignore', stdio, stdio] });
  running.add(child);
  return child;
}

/** Whether it ended well. A program that cannot be started did not. */
async function succeeds(child: ChildProcess): Promise<boolean> {
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return code === 0;
  } catch (error) {
    console.error(`${child.spawnfile}: ${String(error)}`);
    return false;
  } finally {
    running.delete(child);
  }
}

/** What it prints is kept back while it passes: the tests are printing, too. */
async function check(): Promise<{ isFine: boolean; printed: string }> {
  const child = start('npm', ['run', '--silent', 'check'], 'pipe');
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      printed += String(chunk);
    });
  return { isFine: await succeeds(child), printed };
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    for (const child of running) child.kill(signal);
    process.exitCode = 1;
  });

const checking = forVitest.length === 0 ? check() : Promise.resolve({ isFine: true, printed: '' });
const isTested = await succeeds(start('vitest', ['run', ...forVitest], 'inherit'));
const { isFine, printed } = await checking;
if (!isFine) console.error(`${printed}\nThe checks failed (npm run check).`);
else if (forVitest.length === 0) console.log('The checks of types, style and contract passed.');
if (!isTested || !isFine) process.exitCode = 1;
