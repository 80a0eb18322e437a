import type { Occasion } from '../../../src/audit/event.ts';
import { planKeys, planRotation, type KeyPlan } from '../../../src/keys/timeline/plan.ts';
import { forgottenAt, knownAt, signFor, type KeyPolicy } from '../../../src/keys/timeline/policy.ts';
import { planRevocation } from '../../../src/keys/changes/revocation.ts';
import { placeKey } from '../../../src/keys/timeline/place-key.ts';
import type { KeyRecord } from '../../../src/keys/store.ts';
import { KeyTable } from '../../support/memory-key-store.ts';
import { fakeKey, none } from '../../support/keys/fake-keys.ts';

const nothing = { tookOver: [], destroyPrivate: [], remove: [] };

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
    readonly kind: 'rotate' | 'revoke' | 'lifetime' | 'partition' | 'outage' | 'full-disk';
  }[];
  /** Whether an operator rotates again and again, each time as soon as it is safe. */
  readonly isEager: boolean;
  /** How many scheduled turns the run lasts. */
  readonly turns: number;
  readonly seed: number;
};

export type Planner = typeof planKeys;

/** How often the things happened that a run is about, to show that it was not about nothing. */
export type Tally = {
  rotations: number;
  refusals: number;
  revocations: number;
  outages: number;
  fullDisks: number;
  owed: number;
  keys: number;
  retired: number;
  forgotten: number;
};

type Replica = {
  readonly skew: number;
  policy: KeyPolicy;
  keys: readonly KeyRecord[];
  readAt: number;
  plan: KeyPlan | null;
  /** What it publishes by its plan. */
  kids: ReadonlySet<string>;
  refreshAt: number;
  unreachableUntil: number;
  servesUntil: number;
  /** By kid, until when tokens live that it has signed, and that are on record or owed to it. */
  noted: Map<string, number>;
  debts: Map<string, number>;
  /** Whether tokens are asked of it before its next refresh: a request for one may refresh the view before it is due. */
  isIdle: boolean;
};

/** What is true of a key across all replicas and verifiers, in true seconds. */
type Trace = {
  lackingAt: number;
  liveUntil: number;
  /** From when on no replica serves it. */
  goneFrom: number;
  /** From when on, by some clock, no verifier is said to hold it. */
  forgottenFrom: number;
  /** Until when some verifier may not know it: it had to sign in an emergency. */
  forgivenUntil: number;
};

/**
 * Runs replicas over one store and throws on the first breach of what planKeys promises.
 *
 * Verifiers are not sampled: a token is checked against every set that any verifier could still hold, that is any set
 * that any replica served within the last `jwksMaxAge + verifierCache` seconds, until the slowest clock sees it expire.
 * Replicas are as bad as allowed: views as old as they may be, tokens as long as they may live. Replicas that cannot
 * reach the store issue what is on record already, and nothing else, since every grant reads the store first; one that is
 * cut off alone is not asked for the set. While the store can be read and not written, all replicas go on issuing.
 */
export function simulate(scenario: Scenario, plan: Planner = planKeys): Tally {
  const { policy } = scenario;
  const { clockSkew, replicaRefresh, jwksMaxAge, verifierCache } = policy;
  const random = randomFrom(scenario.seed);
  const table = new KeyTable();
  const traces = new Map<string, Trace>();
  /** Those of keys that are stored, or that signed tokens which still live: no set has to hold the others. */
  const watched = new Map<string, Trace>();
  const seen = new Map<string, KeyRecord>();
  const tally = newTally();
  const ends = scenario.turns * policy.rotateEvery;
  const slack = Math.max(0, policy.publishBefore - (replicaRefresh + jwksMaxAge + verifierCache + 2 * clockSkew));
  let outageEndsAt = -Infinity;
  let diskIsFullUntil = -Infinity;
  let lastServedAt = -Infinity;
  /** Keys that took over before their moment, and until when the schedule is behind. */
  const hurried = new Set<string>();
  let disturbedUntil = -Infinity;
  let t = 0;

  const replicas = scenario.skews.map((skew): Replica => ({
    skew,
    policy,
    keys: [],
    readAt: -Infinity,
    plan: null,
    kids: new Set(),
    refreshAt: TICK * Math.floor(random() / TICK),
    unreachableUntil: 0,
    servesUntil: -Infinity,
    noted: new Map(),
    debts: new Map(),
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

  /** Does nothing, and looks again soon, where something is to be written and cannot be. */
  function refresh(replica: Replica): void {
    const now = clock(replica);
    const isDiskFull = t < diskIsFullUntil;
    // It looks again as late as allowed, half of the time.
    replica.refreshAt = t + TICK * Math.ceil((random() < 0.5 ? 1 : random()) * (replicaRefresh / TICK));
    if (isDiskFull && replica.debts.size > 0) return;
    for (const [kid, until] of replica.debts) {
      table.note(kid, until);
      replica.debts.delete(kid);
    }
    for (;;) {
      const keys = listKeys();
      const { tookOver, destroyPrivate, remove, forget, create } = plan(keys, now, replica.policy, none, now);
      const isDue = tookOver.length + destroyPrivate.length + remove.length > 0;
      if (isDiskFull && (isDue || create !== null)) return;
      if (isDue) {
        table.settle({ tookOver, destroyPrivate, remove }, occasionAt(now));
        tally.retired += remove.length;
        if (remove.length > 0) unwatch();
        continue;
      }
      if (forget.length > 0 && !isDiskFull) {
        for (const kid of forget) checkForgetting(kid);
        table.settle({ ...nothing, forget: forget.map((kid) => ({ kid, thumbprint: null })) }, occasionAt(now));
        tally.forgotten += forget.length;
        unwatch();
        continue;
      }
      if (create === null) {
        Object.assign(replica, { keys, readAt: now, plan: null, servesUntil: t + replicaRefresh });
        replica.isIdle = random() < 0.3;
        return;
      }
      tally.keys += 1;
      const key = placeKey(fakeKey(`k${tally.keys}`), { ...create, publishedAt: now });
      if (!table.insert(key, 'key.created', occasionAt(now))) breach('a key with two successors');
      trace(key.kid);
      seen.set(key.kid, key);
    }
  }

  /** As soon as some clock allows. */
  function checkForgetting(kid: string): void {
    const { forgottenFrom = Infinity, liveUntil = -Infinity } = traces.get(kid) ?? {};
    if (t < forgottenFrom + policy.keepRevoked) breach(`${kid} is forgotten too early`);
    // Whoever is told that tokens live longer knows of no others.
    const isTold = replicas.some((replica) => replica.policy.tokenLifetime > policy.tokenLifetime);
    if (!isTold && t < liveUntil + policy.keepRevoked) breach(`${kid} is forgotten, and its tokens live`);
  }

  function look(replica: Replica): KeyPlan {
    const now = clock(replica);
    if (replica.plan?.plannedAt === now) return replica.plan;
    replica.plan = plan(replica.keys, now, replica.policy, none, replica.readAt);
    replica.kids = new Set(replica.plan.published.map(({ kid }) => kid));
    return replica.plan;
  }

  function issue(replica: Replica): void {
    const isReachable = t >= replica.unreachableUntil;
    if (clock(replica) - replica.readAt >= replicaRefresh) {
      if (!isReachable) return;
      refresh(replica);
    }
    const { signer, standbys, published } = look(replica);
    if (signer === null) breach('no signer');
    // While nothing can be written no standby can be made; after that, replicas have a refresh to make it.
    const isShort = t < diskIsFullUntil + replicaRefresh + 1;
    if (!isShort && (standbys[0] === undefined || !published.includes(standbys[0]))) breach('no published standby');
    checkSuccession(replica, signer, standbys);
    const stored = table.list().find(({ kid }) => kid === signer.kid);
    if (stored === undefined || (stored.sealedPrivateKey === null && stored.revokedAt === null))
      breach(`the private part of ${signer.kid} was destroyed while in use`);
    const exp = clock(replica) + replica.policy.tokenLifetime;
    if (!note(replica, signer.kid, exp, isReachable)) return;
    const known = traces.get(signer.kid);
    // By the clock that is furthest behind.
    if (known === undefined) return;
    known.liveUntil = Math.max(known.liveUntil, exp - 1_000 + clockSkew);
    if (watched.has(signer.kid)) return;
    known.lackingAt = lastServedAt;
    watched.set(signer.kid, known);
  }

  /** One that signs all the same is watched again. */
  function unwatch(): void {
    const stored = new Set(table.list().map(({ kid }) => kid));
    for (const [kid, { liveUntil }] of watched) if (t >= liveUntil && !stored.has(kid)) watched.delete(kid);
  }

  /** As TokenLedger does. False when the token is not signed after all. */
  function note(replica: Replica, kid: string, exp: number, isReachable: boolean): boolean {
    if (exp <= (replica.noted.get(kid) ?? 0)) return true;
    if (!isReachable) return false;
    if (t < diskIsFullUntil) {
      replica.debts.set(kid, exp);
      tally.owed += 1;
      return true;
    }
    replica.noted.set(kid, exp + replicaRefresh);
    table.note(kid, exp + replicaRefresh);
    return true;
  }

  /** A key that took over by its schedule is followed by one that every verifier knows, from its first second on. */
  function checkSuccession(replica: Replica, signer: KeyRecord, standbys: readonly KeyRecord[]): void {
    const isScheduled = signer.succeeds !== '' && !hurried.has(signer.kid) && !scenario.isEager;
    const [next] = standbys;
    if (!isScheduled || next === undefined || t < disturbedUntil) return;
    if (clock(replica) >= signer.activatesAt && clock(replica) < next.publishedAt + policy.publishBefore)
      breach(`${next.kid} stands by unknown`);
  }

  function serve(replica: Replica): void {
    if (t > replica.servesUntil) return;
    const { states } = look(replica);
    const { kids } = replica;
    if (kids.size === 0) breach('an empty set');
    for (const [kid, known] of watched) if (!kids.has(kid)) known.lackingAt = t;
    lastServedAt = t;
    if (t > outageEndsAt + replicaRefresh)
      for (const kid of kids) {
        const { goneFrom = 0, forgottenFrom = 0 } = traces.get(kid) ?? {};
        if (t >= goneFrom) breach(`${kid} is served, and was revoked`);
        if (t + jwksMaxAge + verifierCache > forgottenFrom) breach(`${kid} is still held, and said to be forgotten`);
      }
    for (const { key, state } of states)
      if (state === 'retiring' && t > latestPublicationOf(key.kid)) breach(`${key.kid} published for too long`);
  }

  /** By the facts of all keys that ever were: the end of the turn, the destruction, the last token, by the slowest clock. */
  function latestPublicationOf(kid: string): number {
    const all = [...seen.values()];
    const place = all.findIndex((key) => key.kid === kid);
    const later = all.slice(place + 1).filter(({ revokedAt, activatesAt }) => activatesAt <= (revokedAt ?? Infinity));
    const endedAt = Math.min(...later.map(({ activatesAt }) => activatesAt));
    const destroyed =
      Math.max(endedAt - 1_000 + clockSkew + signFor(policy), outageEndsAt, diskIsFullUntil) + replicaRefresh;
    const recorded = destroyed + replicaRefresh + 4 * clockSkew + 1;
    const lastToken = (traces.get(kid)?.liveUntil ?? 0) + replicaRefresh + 2 * clockSkew;
    return Math.max(recorded, lastToken) + replicaRefresh + 1 + slack;
  }

  function checkVerifiers(): void {
    for (const [kid, { lackingAt, liveUntil, goneFrom, forgivenUntil }] of watched)
      if (
        t < liveUntil &&
        t >= forgivenUntil &&
        goneFrom === Infinity &&
        (t === lackingAt || t - lackingAt < jwksMaxAge + verifierCache)
      )
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
    const { kid, activatesAt } = rotation.standby;
    if (t < diskIsFullUntil) return;
    const change = { from: activatesAt, to: clock(replica) };
    if (table.promote(kid, change, occasionAt(clock(replica)))) tally.rotations += 1;
    hurried.add(kid);
    refresh(replica);
    if (scenario.isEager) rotateAt(t + TICK, replica);
  }

  /** The signer, in an emergency. */
  function revoke(replica: Replica): void {
    refresh(replica);
    const now = clock(replica);
    const { signer } = look(replica);
    if (signer === null || t < diskIsFullUntil) return;
    const { promote, after } = planRevocation(replica.keys, signer, now, replica.policy, none);
    let spare: KeyRecord | null = null;
    if (after.create !== null) {
      tally.keys += 1;
      spare = placeKey(fakeKey(`k${tally.keys}`), { ...after.create, publishedAt: now });
      trace(spare.kid);
      seen.set(spare.kid, spare);
    }
    if (!table.revoke(signer.kid, { promote, spare }, occasionAt(now)))
      breach('a revocation that nothing stood against');
    tally.revocations += 1;
    const heir = table.list().find(({ kid }) => kid === promote);
    if (heir !== undefined) {
      hurried.add(heir.kid);
      const known = traces.get(heir.kid);
      // A verifier's clock does not matter here, only how long the key has been published.
      if (known) known.forgivenUntil = knownAt(heir.publishedAt, policy) - 1_000 + clockSkew;
    }
    const gone = traces.get(signer.kid);
    if (gone) gone.goneFrom = t + replicaRefresh + 1;
    if (gone) gone.forgottenFrom = forgottenAt(now, policy) - 1_000 - clockSkew;
    refresh(replica);
  }

  function trace(kid: string): void {
    const begun = {
      lackingAt: lastServedAt,
      liveUntil: -Infinity,
      goneFrom: Infinity,
      forgottenFrom: Infinity,
      forgivenUntil: -Infinity,
    };
    traces.set(kid, begun);
    watched.set(kid, begun);
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
      disturbedUntil = Math.max(
        disturbedUntil,
        outageEndsAt + policy.publishBefore + 2 * replicaRefresh + 4 * clockSkew + 3,
      );
      for (const each of replicas) {
        if (t <= each.servesUntil) each.servesUntil += lasts;
        each.unreachableUntil = Math.max(each.unreachableUntil, outageEndsAt);
      }
    } else if (t < replica.unreachableUntil) {
      return;
    } else if (kind === 'full-disk') {
      // The first keys must have been made, and there is some time between one and the next.
      if (table.list().length < 2 || t < diskIsFullUntil + 5 * replicaRefresh) return;
      diskIsFullUntil = t + size * 2 * policy.rotateEvery;
      disturbedUntil = Math.max(
        disturbedUntil,
        diskIsFullUntil + policy.publishBefore + 2 * replicaRefresh + 4 * clockSkew + 3,
      );
      tally.fullDisks += 1;
    } else if (kind === 'partition') {
      replica.unreachableUntil = t + size * 2 * policy.rotateEvery;
    } else if (kind === 'lifetime') {
      replica.policy = { ...policy, tokenLifetime: 1 + Math.floor(size * 60) };
    } else if (kind === 'revoke') {
      revoke(replica);
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

export function newTally(): Tally {
  const none = { rotations: 0, refusals: 0, revocations: 0, outages: 0, fullDisks: 0 };
  return { ...none, owed: 0, keys: 0, retired: 0, forgotten: 0 };
}

function occasionAt(at: number): Occasion {
  return { at, actor: { kind: 'schedule' }, reason: null };
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
