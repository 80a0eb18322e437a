/*
 * `npm run soak`: that verifiers never notice a rotation, shown over hundreds of them and once in real time, and that of
 * many processes that rotate at the same moment one does, a thousand times. Or that nothing that was acknowledged is lost
 * while servers are killed under load, and PostgreSQL is.
 * Exit status: 0 passed, 1 failed, 2 wrong usage, or no nginx where it is wanted.
 */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { soakKills } from '../support/crashes/kills.ts';
import { NoProxy, soakReplicas } from '../support/crashes/replicas.ts';
import { messageOf } from '../support/error-message.ts';
import type { Outcome, Say } from '../support/outcome.ts';
import { accelerated } from './accelerated.ts';
import { raceRotations } from './races.ts';
import { realTime } from './real-time.ts';

type Options = {
  rotations: number;
  races: number;
  realTime?: true;
  replicas?: true;
  minutes: number;
  kills: number;
  workers: number;
};
type Part = (say: Say) => Promise<Outcome>;

/** What is run, in this order. */
function partsFor(options: Options): Part[] {
  if (options.replicas) return [(say) => soakReplicas({ minutes: options.minutes, say })];
  if (options.kills > 0) return [(say) => soakKills({ kills: options.kills, workers: options.workers, say })];
  return [
    ...(options.rotations > 0 ? [(say: Say) => accelerated(options.rotations, say)] : []),
    ...(options.races > 0 ? [(say: Say) => raceRotations(options.races, say)] : []),
    ...(options.realTime ? [realTime] : []),
  ];
}

/** More would hide the line that counts. */
const MOST_FAILURES_LISTED = 50;

const say: Say = (line) => {
  console.error(`${new Date().toISOString().slice(11, 19)}  ${line}`);
};

async function soak(options: Options): Promise<void> {
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => process.exit(status));
  }
  const startedAt = performance.now();
  const outcomes: Outcome[] = [];
  for (const part of partsFor(options)) outcomes.push(await part(say).catch(brokenOff));

  const failures = outcomes.flatMap((outcome) => outcome.failures);
  for (const failure of failures.slice(0, MOST_FAILURES_LISTED)) console.log(failure);
  if (failures.length > MOST_FAILURES_LISTED) console.log(`and ${failures.length - MOST_FAILURES_LISTED} more`);
  const passed = outcomes.every((outcome) => outcome.passed);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const summaries = outcomes.map(({ summary }) => summary).join('; ');
  console.log(`soak: ${passed ? 'passed' : 'FAILED'} in ${seconds} s; ${summaries}`);
  // Connections that some verifier keeps open are nothing to wait for.
  process.exit(passed ? 0 : 1);
}

function brokenOff(error: unknown): Outcome {
  if (error instanceof NoProxy) {
    console.error(error.message);
    process.exit(2);
  }
  const summary = `broken off: ${messageOf(error)}`;
  return { name: 'broken off', passed: false, summary, failures: [summary] };
}

function minutes(text: string): number {
  if (!/^\d{1,3}(\.\d)?$/.test(text) || Number(text) === 0) throw new InvalidArgumentError('Minutes are expected.');
  return Number(text);
}

function count(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('A whole number is expected.');
  return Number(text);
}

const command = new Command('soak')
  .description(
    'Rotates keys under verifiers as third parties run them, and from many processes at once; or kills and stops servers ' +
      'and their database under load. Counts what goes wrong.',
  )
  .option('--rotations <n>', 'how many with times made short, about 4 s each; 0 for none', count, 200)
  .option('--races <n>', 'how many rounds of processes that rotate at the same moment; 0 for none', count, 1000)
  .option('--real-time', 'then a rotation and a revocation with default settings: about 80 minutes')
  .option(
    '--replicas',
    'only this: three servers behind nginx over PostgreSQL, killed, stopped and restarted under load',
  )
  .option('--minutes <n>', 'how long the load of --replicas lasts', minutes, 3)
  .option('--kills <n>', 'only this: how often a server over SQLite is killed under load; 0 for never', count, 0)
  .option('--workers <n>', 'WORKERS of the server of --kills', count, 1)
  .allowExcessArguments(false)
  .exitOverride();

try {
  command.parse();
} catch (error) {
  process.exit(error instanceof CommanderError && error.exitCode === 0 ? 0 : 2);
}
await soak(command.opts<Options>());
