/** One session as servers keep it, by the pure rules alone: fast enough for years of it. Knows nothing of the test runner. */
import { decideRefresh } from '../../src/tokens/refresh.ts';
import { findRepeats, noteRepeat } from '../../src/tokens/repeat-notes.ts';
import { afterRotations, forgiveRepeat, noRepeats } from '../../src/tokens/repeats.ts';
import type { RefreshToken, RepeatsChange, Session } from '../../src/tokens/store.ts';
import { aSession, aToken, aUser } from './records.ts';

export type Visit = {
  /** The hash of the token that is presented. */
  readonly token: string;
  readonly from: string | null;
  /** By the clock of the server that is asked. */
  readonly at: number;
  /** Whether that server is of the version before, which knows the grace and nothing of networks. */
  readonly isOld?: boolean;
};

export type Outcome =
  { readonly kind: 'rotated' | 'forgiven'; readonly token: string } | { readonly kind: 'ended' | 'refused' };

const day = 86_400;

/** Seconds. */
const grace = 10;

export class SimulatedSession {
  session: Session;
  /** When events of repeats were written. */
  readonly told: number[] = [];
  rotations = 0;
  readonly #lifetime: number;
  #tokens = new Map<string, RefreshToken>();
  #issued = 0;
  #usedLast = '';

  constructor({ at, from, lifetime = 30 * day }: { at: number; from: string | null; lifetime?: number }) {
    this.#lifetime = lifetime;
    this.session = aSession('s', aUser('ada'), { createdAt: at, expiresAt: at + 3 * 365 * day, address: from });
    this.#issue(at);
  }

  get isOver(): boolean {
    return this.session.endedAt !== null;
  }

  /** The one token that has not been used. */
  get newest(): string {
    return `t${this.#issued}`;
  }

  async present({ token: hash, from, at, isOld = false }: Visit): Promise<Outcome> {
    this.#removeExpired(at);
    const token = this.#tokens.get(hash);
    if (token === undefined) return { kind: 'refused' };
    const successor = token.sealedSuccessor === null ? undefined : this.#tokens.get(token.sealedSuccessor);
    const presented = { token, session: this.session, successor };
    const decision = decideRefresh(presented, { clientId: this.session.clientId, now: at, grace });
    if (decision === 'refuse') return { kind: 'refused' };
    if (decision === 'end-session') return this.#end(at);
    const newest = decision === 'repeat' && successor !== undefined ? successor : token;
    const repeats = isOld ? noRepeats : await findRepeats(this, this.session, newest);
    if (decision === 'rotate') return this.#rotate(token, { from, at, isOld, repeats });

    if (isOld) return this.#forgive(newest, from, null);
    const where = { source: { address: from }, before: this.session, issuedAt: newest.issuedAt, now: at };
    const forgiven = forgiveRepeat(repeats, where);
    if (forgiven === null) return this.#end(at);
    const note = noteRepeat(this.session, forgiven, { at, actor: { kind: 'anonymous' }, reason: null });
    if (note.occasion !== null) this.told.push(at);
    return this.#forgive(newest, from, note.repeats);
  }

  /** As the store counts them. */
  readonly countRotations = (_: string, issuedAt: number, most: number): Promise<number> => {
    const later = [...this.#tokens.values()].filter((token) => token.issuedAt > issuedAt);
    return Promise.resolve(Math.min(later.length, most));
  };

  #rotate(
    token: RefreshToken,
    { from, at, isOld, repeats }: { from: string | null; at: number; isOld: boolean; repeats: Session['repeats'] },
  ): Outcome {
    const successor = this.#issue(at);
    const usedLast = this.#tokens.get(this.#usedLast);
    if (usedLast !== undefined) this.#tokens.set(usedLast.hash, { ...usedLast, sealedSuccessor: null });
    this.#tokens.set(token.hash, { ...token, usedAt: at, sealedSuccessor: successor.hash });
    this.#usedLast = token.hash;
    this.rotations += 1;
    this.#use(from, isOld ? null : { from: this.session.repeats, to: afterRotations(repeats, 1, at) });
    return { kind: 'rotated', token: successor.hash };
  }

  /** Those of the version before take the place of whoever comes again for that of the session. */
  #forgive({ hash }: RefreshToken, from: string | null, repeats: RepeatsChange | null): Outcome {
    this.#use(repeats === null ? from : this.session.address, repeats);
    return { kind: 'forgiven', token: hash };
  }

  #use(address: string | null, repeats: RepeatsChange | null): void {
    this.session = { ...this.session, address, ...(repeats !== null && { repeats: repeats.to }) };
  }

  #end(at: number): Outcome {
    this.session = { ...this.session, endedAt: at };
    return { kind: 'ended' };
  }

  #issue(at: number): RefreshToken {
    this.#issued += 1;
    const token = aToken(this.newest, this.session, { issuedAt: at, expiresAt: at + this.#lifetime });
    this.#tokens.set(token.hash, token);
    return token;
  }

  /** As servers do, a day after. */
  #removeExpired(at: number): void {
    for (const { hash, usedAt, expiresAt } of this.#tokens.values()) {
      if (usedAt === null || expiresAt > at - day) return;
      this.#tokens.delete(hash);
    }
  }
}
