/*
 * `npm run bench:enumeration`: can somebody who only watches the clock tell whether there is an account? Logins with a
 * wrong password to accounts that exist, that do not, and that are disabled, in turns on one connection. What is printed for
 * each pair is the chance that a reply of one kind takes longer than one of the other: 0.50 is a coin, and the margin around
 * it is what so many samples can show. Registrations of names that are taken and that are free are shown beside them: there
 * the status tells, as it has to. Exit status: 0 every pair of logins within the margin, 1 not, 2 wrong usage.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { prepare, type Contender } from './contenders.ts';
import { startServer } from './servers.ts';
import { median } from './statistics.ts';

type Request = { path: string; type: string; body: string; status: number };
type Kind = { name: string; request: (turn: number) => Request };

/** One of the accounts that every contender has. */
const username = 'bench-0';
const disabled = 'disabled';
const password = 'correct horse battery staple';
const form = 'application/x-www-form-urlencoded';

function login(name: string, typed: string): Request {
  const fields = { grant_type: 'password', username: name, password: typed };
  return { path: '/token', type: form, body: new URLSearchParams(fields).toString(), status: 400 };
}

function register(name: string, status: number): Request {
  const body = JSON.stringify({ username: name, password });
  return { path: '/users', type: 'application/json', body, status };
}

const pairs: readonly { name: string; isToldAnyway?: true; kinds: readonly [Kind, Kind] }[] = [
  {
    name: 'login',
    kinds: [
      { name: 'wrong password', request: (turn) => login(username, `a wrong one, number ${turn}`) },
      { name: 'no such account', request: (turn) => login(`nobody-${turn}`, password) },
    ],
  },
  {
    name: 'disabled',
    kinds: [
      { name: 'right password', request: () => login(disabled, password) },
      { name: 'no such account', request: (turn) => login(`nobody-${turn}`, password) },
    ],
  },
  {
    name: 'registration',
    isToldAnyway: true,
    kinds: [
      { name: 'taken', request: () => register(username, 409) },
      { name: 'free', request: (turn) => register(`free-${turn}-${Date.now()}`, 201) },
    ],
  },
];

async function time(origin: string, { path, type, body, status }: Request): Promise<number> {
  const startedAt = performance.now();
  const reply = await fetch(origin + path, { method: 'POST', headers: { 'Content-Type': type }, body });
  await reply.arrayBuffer();
  const took = performance.now() - startedAt;
  if (reply.status !== status) throw new Error(`${path} answered ${reply.status}, not ${status}`);
  return took;
}

/** The chance that a member of `a` is greater than one of `b` (Mann-Whitney), ties counted half. */
function chanceOfGreater(a: readonly number[], b: readonly number[]): number {
  let wins = 0;
  for (const x of a) for (const y of b) wins += x > y ? 1 : x === y ? 0.5 : 0;
  return wins / (a.length * b.length);
}

async function measure(origin: string, samples: number): Promise<boolean> {
  // Three standard deviations of the statistic where both kinds are alike.
  const margin = 3 * Math.sqrt((2 * samples + 1) / (12 * samples * samples));
  let isEven = true;
  for (const { name, isToldAnyway, kinds } of pairs) {
    const times: [number[], number[]] = [[], []];
    for (let turn = -5; turn < samples; turn += 1) {
      // Which goes first changes, so that neither profits from what the other left warm.
      for (const at of turn % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        const took = await time(origin, kinds[at].request(turn));
        if (turn >= 0) times[at].push(took);
      }
    }
    const chance = chanceOfGreater(...times);
    isEven &&= isToldAnyway === true || Math.abs(chance - 0.5) <= margin;
    const shown = kinds.map((kind, at) => `${kind.name} ${median(times[at as 0 | 1]).toFixed(2)} ms`).join(', ');
    console.log(`${name.padEnd(13)} ${chance.toFixed(3)} (0.500 ± ${margin.toFixed(3)})   medians: ${shown}`);
  }
  return isEven;
}

async function run(samples: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-bench-'));
  process.on('exit', () => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  const contender: Contender = await prepare('tessera', 'tessera', folder, []);
  const server = await startServer(contender.launch);
  try {
    const origin = `http://${server.target.host}:${server.target.port}`;
    await time(origin, register(disabled, 201));
    const { cwd, env } = contender.launch;
    await promisify(execFile)(process.execPath, ['scripts/users.ts', 'disable', disabled], { cwd, env });
    process.exitCode = (await measure(origin, samples)) ? 0 : 1;
  } finally {
    await server.stop();
  }
}

const { values } = parseArgs({ options: { samples: { type: 'string', default: '400' } } });
const samples = Number(values.samples);
if (!Number.isInteger(samples) || samples < 10 || samples > 5000) {
  console.error('--samples takes a whole number from 10 to 5000');
  process.exit(2);
}
await run(samples);
