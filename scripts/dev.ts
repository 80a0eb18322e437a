/**
 * `npm run dev`: the server, started again whenever src/ changes. A change of openapi.yaml is generated from first; a
 * contract with a fault in it leaves the server as it is. SIGINT, SIGTERM and SIGHUP end both; the server
 * also ends when this program is killed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { say } from '../src/terminal.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const endWithParent = new URL('end-with-parent.ts', import.meta.url).href;

/** Milliseconds without a change after which a burst, such as a checkout, is taken to be over. */
const QUIET_FOR = 100;

const changed = new Set<'code' | 'contract'>();
let changes = 0;
let isApplying = false;
let isEnding = false;
let isRestarting = false;
let generator: ChildProcess | undefined;
let server: { readonly child: ChildProcess; readonly ended: Promise<void> } | undefined;

// The folder, as editors put another file in the place of the one that was there.
watch(root, (_, name) => {
  if (name === 'openapi.yaml') note('contract');
});
watch(`${root}src`, { recursive: true }, (_, name) => {
  // What is generated follows the contract, which is watched.
  if (name?.split(sep)[0] !== 'generated') note('code');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end());

note('contract');

function note(what: 'code' | 'contract'): void {
  changed.add(what);
  changes += 1;
  if (!isApplying) void applyChanges();
}

async function applyChanges(): Promise<void> {
  isApplying = true;
  while (changed.size > 0) {
    await waitForQuiet();
    const isOfContract = changed.has('contract');
    changed.clear();
    const isGenerated = !isOfContract || (await generate());
    if (isGenerated || server === undefined) await restart();
    else say('dev: openapi.yaml has a fault, so the server runs on as it is');
  }
  isApplying = false;
}

async function waitForQuiet(): Promise<void> {
  let seen: number;
  do {
    seen = changes;
    await sleep(QUIET_FOR);
  } while (changes !== seen);
}

async function generate(): Promise<boolean> {
  generator = spawn(process.execPath, ['scripts/generate.ts'], { cwd: root, stdio: 'inherit' });
  const [code] = (await once(generator, 'close')) as [number | null];
  generator = undefined;
  return code === 0;
}

async function restart(): Promise<void> {
  isRestarting = true;
  await stop();
  isRestarting = false;
  if (isEnding) return;
  const child = spawn(process.execPath, ['--import', endWithParent, 'src/main.ts'], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  server = { child, ended: waitForEnd(child) };
  say(`dev: the server is process ${String(child.pid)}`);
}

async function waitForEnd(child: ChildProcess): Promise<void> {
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  server = undefined;
  if (isRestarting || isEnding) return;
  say(`dev: the server has ended (${signal ?? `exit code ${String(code)}`}); the next change starts it again`);
}

/** By the signal of a person who waits. The server itself sees to it that this takes no longer than its settings say. */
async function stop(): Promise<void> {
  server?.child.kill('SIGINT');
  await server?.ended;
}

/** A second signal makes the server end at once. */
async function end(): Promise<void> {
  isEnding = true;
  generator?.kill('SIGINT');
  await stop();
  process.exit(0);
}
