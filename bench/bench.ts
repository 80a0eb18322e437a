/*
 * `npm run bench`: Tessera against the floor, both measured in one run on one machine, printed as ratios.
 * Exit status: 0 every target met, 1 a target short, 2 wrong usage, 3 nothing could be measured.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { prepare, type Contender } from './contenders.ts';
import { measureScenario, measureStartup, memoryOf, stopBoth, type Effort, type Pair } from './measure.ts';
import { machine, memoryRows, scenarioRow, startupRow, table, type Row } from './report.ts';
import { scenarios, type Scenario } from './scenarios.ts';

type Options = { quick?: true; json?: true; selfCheck?: true; only?: Scenario[]; profile?: string };

const full: Effort = { rounds: 5, starts: 3, slices: 8, sliceFor: 300, warmUpFor: 1500, idleFor: 2000 };
const quick: Effort = { rounds: 3, starts: 1, slices: 3, sliceFor: 300, warmUpFor: 600, idleFor: 1500 };

function addScenario(name: string, chosen: Scenario[] = []): Scenario[] {
  const scenario = scenarios.find((one) => one.name === name);
  if (!scenario) throw new InvalidArgumentError(`Known: ${scenarios.map((one) => `'${one.name}'`).join(', ')}.`);
  return [...chosen, scenario];
}

async function measure(folder: string, options: Options): Promise<Row[]> {
  const effort = options.quick ? quick : full;
  const say = (what: string): void => void process.stderr.write(`${what}\n`);
  const profiling = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(options.profile)}`];

  say('preparing');
  const contenders: Pair<Contender> = {
    floor: await prepare('floor', 'floor', folder, []),
    tessera: options.selfCheck
      ? await prepare('floor', 'floor-again', folder, profiling)
      : await prepare('tessera', 'tessera', folder, profiling),
  };

  say('start-up and idle memory');
  const startup = await measureStartup(contenders, effort);
  const { servers } = startup;
  const scenarioRows: Row[] = [];
  for (const scenario of options.only ?? scenarios) {
    say(scenario.name);
    scenarioRows.push(scenarioRow(scenario, await measureScenario(scenario, contenders, servers, effort)));
  }
  const afterLoad = memoryOf(servers);
  await stopBoth(servers);
  return [...scenarioRows, startupRow(startup), ...memoryRows(startup.memory, afterLoad)];
}

async function run(options: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-bench-'));
  process.on('exit', () => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => process.exit(status));
  }

  const startedAt = performance.now();
  const rows = await measure(folder, options);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const met = rows.every((row) => row.target?.met !== false);
  const { node, processor, cores } = machine();
  if (options.json) {
    console.log(JSON.stringify({ met, seconds, node, processor, cores, rows }, null, 2));
  } else {
    console.log(table(rows, options.selfCheck ? 'floor again' : 'tessera'));
    console.log(`\n${seconds} s on ${processor}, ${cores} cores, Node ${node}`);
  }
  process.exitCode = met ? 0 : 1;
}

const command = new Command('bench')
  .description('Measures Tessera against a bare Express server doing the same work.')
  .option('--quick', 'about 40 seconds, for development; the full run takes under three minutes')
  .option('--json', 'print one JSON document')
  .option('--only <scenario>', 'load only this scenario (repeatable)', addScenario)
  .option('--self-check', 'measure the floor against itself: how far from 1.00 is noise')
  .option('--profile <dir>', 'write CPU profiles of Tessera to this folder (slows it a little)')
  .allowExcessArguments(false)
  .exitOverride()
  .action(run);

try {
  await command.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  console.error(error instanceof Error ? error.message : error);
  process.exit(3);
}
