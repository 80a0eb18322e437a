import { planKeys, planRotation } from '../../../src/keys/timeline/plan.ts';
import type { KeyPolicy } from '../../../src/keys/timeline/policy.ts';
import { placeKey } from '../../../src/keys/timeline/place-key.ts';
import type { KeyRecord } from '../../../src/keys/store.ts';
import { fakeKey, none } from '../../support/keys/fake-keys.ts';

/** What each key that has not left is for, by kid. */
export type States = ReadonlyMap<string, string>;

/** How many seconds before the end of its use a key signs its last token; 0 is as late as it can. */
export type Haste = (kid: string) => number;

/**
 * Replicas at work, second by second, on a line that is kept here: they look, do what is due, and sign whatever they can
 * until the very end of each second.
 */
export class Work {
  line: KeyRecord[];
  readonly #policy: KeyPolicy;
  readonly #prefix: string;
  readonly #haste: Haste;
  readonly #unreadable: ReadonlySet<string>;
  #made = 0;

  constructor(
    start: readonly KeyRecord[],
    policy: KeyPolicy,
    {
      prefix = 'next',
      haste = () => 0,
      unreadable = none,
    }: Partial<{ prefix: string; haste: Haste; unreadable: typeof none }> = {},
  ) {
    this.line = [...start];
    this.#policy = policy;
    this.#prefix = prefix;
    this.#haste = haste;
    this.#unreadable = unreadable;
  }

  second(now: number): States {
    this.#bringUpToDate(now);
    const { replicaRefresh, clockSkew, tokenLifetime } = this.#policy;
    const { states } = planKeys(this.line, now, this.#policy, this.#unreadable);
    for (const { key, state, endedAt } of states) {
      const isInUse = state === 'active' || (state === 'retiring' && key.tookOverAt !== null);
      // A view that is as old as it may be, by a clock that is as far behind as it may be from one that is as far ahead.
      const end = (endedAt ?? Infinity) + replicaRefresh + 2 * clockSkew + 1 - this.#haste(key.kid);
      if (!isInUse || key.sealedPrivateKey === null || this.#unreadable.has(key.kid) || now >= end) continue;
      const expireAt = now + 1 + tokenLifetime + replicaRefresh;
      this.change(key.kid, { tokensExpireAt: Math.max(expireAt, key.tokensExpireAt ?? 0) });
    }
    const gone = states.filter(({ state }) => state === 'retired');
    return new Map(states.filter((each) => !gone.includes(each)).map(({ key, state }) => [key.kid, state]));
  }

  change(kid: string, facts: Partial<KeyRecord>): void {
    this.line = this.line.map((key) => (key.kid === kid ? { ...key, ...facts } : key));
  }

  rotate(now: number): void {
    const rotation = planRotation(this.line, now, this.#policy, this.#unreadable);
    if (rotation) this.change(rotation.standby.kid, { activatesAt: Math.min(now, rotation.standby.activatesAt) });
  }

  revoke(place: number, now: number): void {
    const key = this.line.filter(({ revokedAt }) => revokedAt === null).at(place);
    const { signer, standbys } = planKeys(this.line, now, this.#policy, this.#unreadable);
    if (key === undefined) return;
    this.change(key.kid, { revokedAt: now, sealedPrivateKey: null });
    if (signer?.kid === key.kid && standbys[0] !== undefined) this.change(standbys[0].kid, { activatesAt: now });
  }

  #bringUpToDate(now: number): void {
    for (;;) {
      const { tookOver, destroyPrivate, remove, create } = planKeys(this.line, now, this.#policy, this.#unreadable);
      for (const kid of tookOver) this.change(kid, { tookOverAt: now });
      for (const kid of destroyPrivate) this.change(kid, { sealedPrivateKey: null, destroyedAt: now });
      this.line = this.line.filter(({ kid }) => !remove.includes(kid));
      if (tookOver.length + destroyPrivate.length + remove.length > 0) continue;
      if (create === null) return;
      this.#made += 1;
      this.line.push(
        placeKey(fakeKey(`${this.#prefix}-${this.#made}`, this.#policy.algorithm), { ...create, publishedAt: now }),
      );
    }
  }
}
