import { planKeys, planRotation, type KeyPlan } from '../../src/keys/plan.ts';
import type { KeyPolicy } from '../../src/keys/policy.ts';
import { placeKey } from '../../src/keys/signing-key.ts';
import type { KeyRecord } from '../../src/keys/store.ts';
import { KeyTable } from '../support/memory-key-store.ts';
import { fakeKey, none } from './fake-keys.ts';

/** True time passes in quarter seconds, so that clocks, which tell whole ones, lose something. */
const TICK = 0.25;

/** Durations in seconds. An event's moment and choices are fractions, scaled to the run. */
export type Scenario = {
  readonly policy: KeyPolicy;
  /** How far each replica's clock is off, in seconds: one replica each. */
  readonly skews: readonly number[];
  readonly events: readonly {
    readonly at: number;
    readonly replica: number;
    readonly size: number;
    readonly kind: 'rotate' | 'lifetime' | 'partition' | 'outage';
  }[];
  /** Whether an operator rotates again and again, each time as soon as it is safe. */
  readonly isEager: boolean;
  /** How many scheduled turns the run lasts. */
  readonly turns: number;
  readonly seed: number;
};

export type Planner = typeof planKeys;

/** How often the things happened that a run is about, to show that it was not about nothing. */
export type Tally = { rotations: number; refusals: number; outages: number; keys: number; retired: number };

type Replica = {
  readonly skew: number;
  policy: KeyPolicy;
  keys: readonly KeyRecord[];
  readAt: number;
  plan: KeyPlan | null;
  refreshAt: number;
  unreachableUntil: number;
  servesUntil: number;
  /** Whether tokens are asked of it before its next refresh: a request for one may refresh the view before it is due. */
  isIdle: boolean;
};

/** What is true of a key across all replicas and verifiers, in true seconds. */
type Trace = { lackingAt: number; liveUntil: number };

/**
 * Runs replicas over one store and throws on the first breach of what planKeys promises.
 *
 * Verifiers are not sampled: a token is checked against every set that any verifier could still hold, that is any set
 * that any replica served within the last `jwksMaxAge + verifierCache` seconds, until the slowest clock sees it expire.
 * Replicas are as bad as allowed: views as old as they may be, tokens as long as they may live. Replicas that cannot
 * reach the store issue nothing once their view is too old; one that is cut off alone is not asked for the set either.
 */
export function simulate(scenario: Scenario, plan: Planner = planKeys): Tally {
  const { policy } = scenario;
  const { clockSkew, replicaRefresh, jwksMaxAge, verifierCache } = policy;
  const random = randomFrom(scenario.seed);
  const table = new KeyTable();
  const traces = new Map<string, Trace>();
  const seen = new Map<string, KeyRecord>();
  const tally: Tally = { rotations: 0, refusals: 0, outages: 0, keys: 0, retired: 0 };
  const ends = scenario.turns * policy.rotateEvery;
  const slack = Math.max(0, policy.publishBefore - (replicaRefresh + jwksMaxAge + verifierCache + 2 * clockSkew));
  let outageEndsAt = -Infinity;
  let lastServedAt = -Infinity;
  let t = 0;

  const replicas = scenario.skews.map((skew): Replica => ({
    skew,
    policy,
    keys: [],
    readAt: -Infinity,
    plan: null,
    refreshAt: TICK * Math.floor(random() / TICK),
    unreachableUntil: 0,
    servesUntil: -Infinity,
    isIdle: false,
  }));
  // Well after zero, so that no clock is negative.
  const clock = (replica: Replica): number => Math.floor(1_000 + t + replica.skew);

  /** Remembers keys as they last were, for when they have left the store. */
  function listKeys(): KeyRecord[] {
    const keys = table.list();
    for (const key of keys) seen.set(key.kid, key);
    return keys;
  }

  function breach(what: string): never {
    throw new Error(`${what} at ${t}: ${JSON.stringify({ scenario, keys: table.list() })}`);
  }

  function refresh(replica: Replica): void {
    const now = clock(replica);
    for (;;) {
      const keys = listKeys();
      const { destroyPrivate, remove, extend, create } = plan(keys, now, replica.policy, none);
      if (destroyPrivate.length + remove.length + extend.length > 0) {
        table.settle({ destroyPrivate, remove, extend, tokensLiveFor: replica.policy.tokenLifetime });
        tally.retired += remove.length;
        continue;
      }
      if (create === null) {
        Object.assign(replica, { keys, readAt: now, plan: null, servesUntil: t + replicaRefresh });
        replica.isIdle = random() < 0.3;
        replica.refreshAt = t + TICK * Math.ceil((random() < 0.5 ? 1 : random()) * (replicaRefresh / TICK));
        return;
      }
      tally.keys += 1;
      const key = placeKey(fakeKey(`k${tally.keys}`), {
        ...create,
        publishedAt: now,
        tokensLiveFor: replica.policy.tokenLifetime,
      });
      if (!table.insert(key)) breach('a key with two successors');
      traces.set(key.kid, { lackingAt: lastServedAt, liveUntil: -Infinity });
      seen.set(key.kid, key);
    }
  }

  function look(replica: Replica): KeyPlan {
    if (replica.plan?.plannedAt !== clock(replica))
      replica.plan = plan(replica.keys, clock(replica), replica.policy, none);
    return replica.plan;
  }

  function issue(replica: Replica): void {
    if (clock(replica) - replica.readAt >= replicaRefresh) {
      if (t < replica.unreachableUntil) return;
      refresh(replica);
    }
    const { signer, standbys, published } = look(replica);
    if (signer === null) breach('no signer');
    if (standbys[0] === undefined || !published.includes(standbys[0])) breach('no published standby');
    if (table.list().find(({ kid }) => kid === signer.kid)?.sealedPrivateKey == null)
      breach(`the private part of ${signer.kid} was destroyed while in use`);
    const expiresAt = t + replica.skew + Math.min(replica.policy.tokenLifetime, signer.tokensLiveFor);
    const trace = traces.get(signer.kid);
    if (trace) trace.liveUntil = Math.max(trace.liveUntil, expiresAt + clockSkew);
  }

  function serve(replica: Replica): void {
    if (t > replica.servesUntil) return;
    const kids = look(replica).published.map(({ kid }) => kid);
    if (kids.length === 0) breach('an empty set');
    for (const [kid, trace] of traces) if (!kids.includes(kid)) trace.lackingAt = t;
    lastServedAt = t;
    for (const { key, state } of look(replica).states)
      if (state === 'retiring' && t > latestPublicationOf(key.kid)) breach(`${key.kid} published for too long`);
  }

  /** By the facts of all keys that ever were: the end of the turn by the slowest clock, the last token, two refreshes. */
  function latestPublicationOf(kid: string): number {
    const all = [...seen.values()];
    const place = all.findIndex((key) => key.kid === kid);
    const endedAt = Math.min(...all.slice(place + 1).map(({ activatesAt }) => activatesAt));
    const longest = all[place]?.tokensLiveFor ?? 0;
    const margin = longest + 2 * replicaRefresh + 4 * clockSkew + 1;
    const stalled = Math.max(0, outageEndsAt - t) + slack;
    return endedAt - 1_000 + clockSkew + 1 + margin + stalled;
  }

  function checkVerifiers(): void {
    for (const [kid, { lackingAt, liveUntil }] of traces)
      if (t < liveUntil && (t === lackingAt || t - lackingAt < jwksMaxAge + verifierCache))
        breach(`a verifier refuses a token signed by ${kid}`);
  }

  function rotate(replica: Replica): void {
    refresh(replica);
    const rotation = planRotation(replica.keys, clock(replica), replica.policy, none);
    if (rotation === null) breach('nothing to rotate to');
    if (clock(replica) < rotation.safeAt) {
      // The operator comes back at the very second that the answer named.
      tally.refusals += 1;
      rotateAt(rotation.safeAt - 1_000 - replica.skew + TICK * Math.floor(random() / TICK), replica);
      return;
    }
    if (table.promote(rotation.standby.kid, clock(replica))) tally.rotations += 1;
    refresh(replica);
    if (scenario.isEager) rotateAt(t + TICK, replica);
  }

  function rotateAt(moment: number, replica: Replica): void {
    const at = moment / ends;
    agenda.push({ at, kind: 'rotate', replica: replicas.indexOf(replica) / replicas.length, size: 0 });
    agenda.sort((a, b) => a.at - b.at);
  }

  function happen({ kind, replica: choice, size }: Scenario['events'][number]): void {
    const replica = replicas[Math.floor(choice * replicas.length)];
    if (replica === undefined) return;
    if (kind === 'outage') {
      // All at once, for no longer than the policy has to spare, and not right after another.
      if (t < outageEndsAt + replicaRefresh + 1) return;
      const lasts = Math.floor(size * (slack + 1));
      outageEndsAt = t + lasts;
      tally.outages += 1;
      for (const each of replicas) {
        if (t <= each.servesUntil) each.servesUntil += lasts;
        each.unreachableUntil = Math.max(each.unreachableUntil, outageEndsAt);
      }
    } else if (t < replica.unreachableUntil) {
      return;
    } else if (kind === 'partition') {
      replica.unreachableUntil = t + size * 2 * policy.rotateEvery;
    } else if (kind === 'lifetime') {
      replica.policy = { ...policy, tokenLifetime: 1 + Math.floor(size * 60) };
      refresh(replica);
    } else {
      rotate(replica);
    }
  }

  const agenda = scenario.events.toSorted((a, b) => a.at - b.at);
  for (; t < ends; t += TICK) {
    for (let next = agenda[0]; next !== undefined && next.at * ends <= t; next = agenda[0]) {
      agenda.shift();
      happen(next);
    }
    const first = Math.floor(random() * replicas.length);
    for (const replica of [...replicas.slice(first), ...replicas.slice(0, first)]) {
      if (t >= replica.refreshAt && t >= replica.unreachableUntil) refresh(replica);
      if (!replica.isIdle) issue(replica);
      serve(replica);
    }
    checkVerifiers();
  }
  return tally;
}

/** Mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
