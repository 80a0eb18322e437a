/*
 * Interleaved measurement. A round is cut into short slices that go to one server and then the other, the order
 * turning each time, so that whatever else the machine does falls on both; each round gives one ratio.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender } from './contenders.ts';
import { applyLoad } from './load.ts';
import { prepareRequests, type Scenario } from './scenarios.ts';
import { processorSeconds, residentMemory, startServer, type Server } from './servers.ts';

export type Pair<T> = { floor: T; tessera: T };
export type Effort = {
  rounds: number;
  starts: number;
  slices: number;
  sliceFor: number;
  warmUpFor: number;
  idleFor: number;
};
export type Served = { replies: number; seconds: number; processor: number | undefined; latencies: number[] };
export type Startup = { seconds: Pair<number>[]; memory: Pair<number | undefined>[]; servers: Pair<Server> };

const sides = ['floor', 'tessera'] as const;

/** Resolves one side after the other, never at once. */
async function inTurn<T>(make: (side: keyof Pair<T>) => Promise<T>): Promise<Pair<T>> {
  const floor = await make('floor');
  return { floor, tessera: await make('tessera') };
}

/**
 * Starts both servers in turn, `starts` times a round, and keeps the quickest of each: nothing makes a start too
 * quick, and much makes it slow. The last pair of a round is weighed after `idleFor` milliseconds without a request,
 * and the last of all is left running for the load that follows.
 */
export async function measureStartup(contenders: Pair<Contender>, effort: Effort): Promise<Startup> {
  const seconds: Pair<number>[] = [];
  const memory: Pair<number | undefined>[] = [];
  for (;;) {
    const quickest: Pair<number> = { floor: Infinity, tessera: Infinity };
    let servers: Pair<Server> | undefined;
    for (let start = 0; start < effort.starts; start++) {
      if (servers) await stopBoth(servers);
      servers = await inTurn((side) => startServer(contenders[side].launch));
      for (const side of sides) quickest[side] = Math.min(quickest[side], servers[side].startSeconds);
    }
    if (!servers) throw new Error('a round needs at least one start');
    seconds.push(quickest);
    await sleep(effort.idleFor);
    memory.push(memoryOf(servers));
    if (seconds.length >= effort.rounds) return { seconds, memory, servers };
    await stopBoth(servers);
  }
}

export async function stopBoth(servers: Pair<Server>): Promise<void> {
  await Promise.all([servers.floor.stop(), servers.tessera.stop()]);
}

export function memoryOf(servers: Pair<Server>): Pair<number | undefined> {
  return { floor: residentMemory(servers.floor.pid), tessera: residentMemory(servers.tessera.pid) };
}

/** Loads both servers with one scenario; the result holds one entry for each round. */
export async function measureScenario(
  scenario: Scenario,
  contenders: Pair<Contender>,
  servers: Pair<Server>,
  effort: Effort,
): Promise<Pair<Served>[]> {
  const requests = await inTurn((side) => prepareRequests(scenario, contenders[side]));

  async function load(side: keyof Pair<Server>, milliseconds: number): Promise<Served> {
    const { target, pid } = servers[side];
    const before = processorSeconds(pid);
    const result = await applyLoad(target, requests[side], milliseconds);
    const after = processorSeconds(pid);
    return { ...result, processor: before === undefined || after === undefined ? undefined : after - before };
  }

  for (const side of sides) await load(side, effort.warmUpFor);
  const rounds: Pair<Served>[] = [];
  let order: readonly (keyof Pair<Served>)[] = sides;
  while (rounds.length < effort.rounds) {
    const round: Pair<Served[]> = { floor: [], tessera: [] };
    for (let slice = 0; slice < effort.slices; slice++) {
      for (const side of order) round[side].push(await load(side, effort.sliceFor));
      order = order.toReversed();
    }
    rounds.push({ floor: joinSlices(round.floor), tessera: joinSlices(round.tessera) });
  }
  return rounds;
}

function joinSlices(slices: readonly Served[]): Served {
  return slices.reduce((all, slice) => ({
    replies: all.replies + slice.replies,
    seconds: all.seconds + slice.seconds,
    processor:
      all.processor === undefined || slice.processor === undefined ? undefined : all.processor + slice.processor,
    latencies: all.latencies.concat(slice.latencies),
  }));
}
