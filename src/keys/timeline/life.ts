import type { KeyState } from './key-state.ts';
import type { KeyRecord } from '../store.ts';

/** A stretch of time in which a key is for one thing. Moments are epoch seconds. */
export type KeySpan = {
  readonly state: Exclude<KeyState['state'], 'retired'>;
  readonly from: number;
  /** The first moment at which it is over; null when it lasts for longer than was looked at. */
  readonly until: number | null;
};

/** What a key is for, from its publication on, one span after another. */
export type KeyLife = Pick<KeyRecord, 'kid' | 'alg'> & { readonly spans: readonly KeySpan[] };

/** Writes lives down, for someone who looks at the states of keys at one moment after another. */
export class LifeRecorder {
  readonly #lives = new Map<string, { key: KeyRecord; state: KeyState['state']; spans: KeySpan[] }>();

  /**
   * Takes note of `states` at `at`, never before what was noted last. Returns those that are new, and those that are not
   * what they were `before`.
   */
  note(at: number, states: readonly KeyState[]): (KeyState & { readonly before: KeyState['state'] | null })[] {
    return states.flatMap((now) => {
      const { key, state } = now;
      const life = this.#lives.get(key.kid);
      if (life?.state === state) return [];
      const past = life?.spans.map((span) => ({ ...span, until: span.until ?? at })) ?? [];
      const spans = state === 'retired' ? past : [...past, { state, from: at, until: null }];
      this.#lives.set(key.kid, { key, state, spans });
      return [{ ...now, before: life?.state ?? null }];
    });
  }

  /** In the order in which the keys were first seen. */
  get lives(): KeyLife[] {
    return [...this.#lives.values()].map(({ key: { kid, alg }, spans }) => ({ kid, alg, spans }));
  }
}
