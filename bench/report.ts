/*
 * From measurements to rows, and from rows to a table for people or one JSON document. A row compares one quantity;
 * its ratio is Tessera over the floor, taken round by round, and the median of those decides.
 */
import { availableParallelism, cpus } from 'node:os';
import type { Pair, Served, Startup } from './measure.ts';
import type { Scenario } from './scenarios.ts';
import { median, quantile } from './statistics.ts';

export type Latency = { p50: number; p99: number };
export type Row = {
  name: string;
  unit: '/s' | 'ms' | 'MiB';
  floor: number;
  tessera: number;
  ratio: { median: number; min: number; max: number };
  target?: { bound: 'at least' | 'at most'; ratio: number; met: boolean };
  /** Milliseconds from sending a request to the last byte of its reply. */
  latency?: Pair<Latency>;
  /** Processor time per reply, Tessera over the floor: steadier than throughput on a busy machine. */
  processorRatio?: number;
  rounds: Pair<number>[];
};

type Bound = { bound: 'at least' | 'at most'; ratio: number };

function compare(name: string, unit: Row['unit'], rounds: Pair<number>[], target?: Bound): Row {
  const ratios = rounds.map(({ floor, tessera }) => tessera / floor);
  const ratio = median(ratios);
  return {
    name,
    unit,
    floor: median(rounds.map(({ floor }) => floor)),
    tessera: median(rounds.map(({ tessera }) => tessera)),
    ratio: { median: ratio, min: Math.min(...ratios), max: Math.max(...ratios) },
    ...(target && {
      target: { ...target, met: target.bound === 'at least' ? ratio >= target.ratio : ratio <= target.ratio },
    }),
    rounds,
  };
}

export function scenarioRow(scenario: Scenario, rounds: Pair<Served>[]): Row {
  const perSecond = rounds.map(({ floor, tessera }) => ({
    floor: floor.replies / floor.seconds,
    tessera: tessera.replies / tessera.seconds,
  }));
  const processorRatio = processorPerReply(rounds, 'tessera') / processorPerReply(rounds, 'floor');
  return {
    ...compare(scenario.name, '/s', perSecond, { bound: 'at least', ratio: scenario.atLeast }),
    latency: { floor: latencyOf(rounds, 'floor'), tessera: latencyOf(rounds, 'tessera') },
    ...(Number.isFinite(processorRatio) && { processorRatio }),
  };
}

function processorPerReply(rounds: Pair<Served>[], side: keyof Pair<Served>): number {
  const served = rounds.map((round) => round[side]);
  const seconds = served.reduce((sum, { processor }) => sum + (processor ?? Number.NaN), 0);
  return seconds / served.reduce((sum, { replies }) => sum + replies, 0);
}

function latencyOf(rounds: Pair<Served>[], side: keyof Pair<Served>): Latency {
  const all = rounds.flatMap((round) => round[side].latencies);
  return { p50: quantile(all, 0.5), p99: quantile(all, 0.99) };
}

export function startupRow({ seconds }: Startup): Row {
  const milliseconds = seconds.map(({ floor, tessera }) => ({ floor: floor * 1000, tessera: tessera * 1000 }));
  return compare('start-up, warm', 'ms', milliseconds, { bound: 'at most', ratio: 2.2 });
}

/** Rows exist only where memory could be read: empty without /proc. */
export function memoryRows(idle: Startup['memory'], afterLoad: Pair<number | undefined>): Row[] {
  const idleRounds = idle.filter(isMeasured);
  const loadedRounds = [afterLoad].filter(isMeasured);
  return [
    ...(idleRounds.length > 0 ? [compare('memory, idle', 'MiB', idleRounds, { bound: 'at most', ratio: 1.5 })] : []),
    ...(loadedRounds.length > 0 ? [compare('memory, after load', 'MiB', loadedRounds)] : []),
  ];
}

function isMeasured(pair: Pair<number | undefined>): pair is Pair<number> {
  return pair.floor !== undefined && pair.tessera !== undefined;
}

export function machine(): { node: string; processor: string; cores: number } {
  return { node: process.version, processor: cpus()[0]?.model ?? 'unknown', cores: availableParallelism() };
}

function cells({ name, unit, floor, tessera, ratio, target, latency, processorRatio }: Row): string[] {
  const digits = unit === 'MiB' || floor < 100 ? 1 : 0;
  const showLatency = (of: Latency): string => `${of.p50.toFixed(1)}/${of.p99.toFixed(1)}`;
  return [
    name,
    `${floor.toFixed(digits)} ${unit}`,
    `${tessera.toFixed(digits)} ${unit}`,
    ratio.median.toFixed(2),
    `${ratio.min.toFixed(2)}-${ratio.max.toFixed(2)}`,
    target ? `${target.bound === 'at least' ? '>=' : '<='} ${target.ratio.toFixed(2)}` : '',
    target ? (target.met ? 'ok' : 'short') : '',
    processorRatio === undefined ? '' : processorRatio.toFixed(2),
    latency ? `${showLatency(latency.floor)}  ${showLatency(latency.tessera)}` : '',
  ];
}

export function table(rows: readonly Row[], other: string): string {
  const head = ['scenario', 'floor', other, 'ratio', 'min-max', 'target', '', 'cpu', 'p50/p99 ms'];
  const lines = [head, ...rows.map(cells)];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const isText = (column: number): boolean => column === 0 || column === 6 || column === 8;
  return lines
    .map((line) =>
      line
        .map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
