/** What servers have acknowledged, and so what must hold from then on; and where it did not. */
import { decodeJwt } from 'jose';
import { kidOf } from '../jwks.ts';
import type { Outages } from './outages.ts';

/** A family of refresh tokens, with the last tokens of it that its client has. */
export type Session = {
  readonly id: string;
  refreshToken: string;
  accessToken: string;
  /** The refresh token before, for which the same successor may be had once more. */
  previous: string | null;
  isEnded: boolean;
};

export type Account = {
  readonly id: string;
  readonly username: string;
  readonly password: string;
  readonly address: string;
  name: string;
  state: 'enabled' | 'disabled' | 'deleted';
  /** Grows by one before it is asked to be disabled, and by one when it is enabled again: odd in between. */
  disablings: number;
  /** It may have been deleted: that was asked for. */
  isLeaving: boolean;
  readonly sessions: Session[];
};

/** No server takes them any more; a refresh token only where there is one. */
export type DeadTokens = { readonly why: string; readonly accessToken: string; readonly refreshToken?: string };

export type Rotation = { readonly kid: string; readonly previous: string };

/** Milliseconds within which a change of the keys holds at every server whose database is there. */
export const HOLDS_WITHIN = 1_000;

/** Of so many breaches that are alike, the evidence is kept. */
const MOST_ALIKE = 20;

const mostTokens = 400;

/** Moments are epoch milliseconds. */
export class Book {
  /** Every one that was acknowledged, as it is to be found at the end. */
  readonly accounts: Account[] = [];
  readonly dead: DeadTokens[] = [];
  readonly rotations: Rotation[] = [];
  /** Access tokens that were had of late, for whoever wants to verify them. */
  readonly tokens: string[] = [];
  /** What was acknowledged, counted. */
  readonly acknowledged = new Map<string, number>();
  readonly #breaches = new Map<string, { count: number; readonly evidence: string[] }>();
  readonly #revokedKeys = new Map<string, { readonly from: number; until: number }>();
  readonly #earlyKeys = new Map<string, number>();

  readonly breach = (what: string, evidence: unknown): void => {
    const known = this.#breaches.get(what) ?? { count: 0, evidence: [] };
    known.count += 1;
    if (known.evidence.length < MOST_ALIKE)
      known.evidence.push(`${new Date().toISOString()}  ${what}: ${JSON.stringify(evidence)}`);
    this.#breaches.set(what, known);
  };

  get failures(): string[] {
    return [...this.#breaches].flatMap(([what, { count, evidence }]) => [
      ...evidence,
      ...(count > evidence.length ? [`${what}: ${count} in all`] : []),
    ]);
  }

  acknowledge(what: string): void {
    this.acknowledged.set(what, (this.acknowledged.get(what) ?? 0) + 1);
  }

  noteToken(token: string): void {
    this.tokens.push(token);
    if (this.tokens.length > mostTokens) this.tokens.shift();
  }

  /** Before somebody asks for it; the result is told when it was acknowledged, after which it holds nearly at once. */
  beginRevocation(kid: string): (acknowledgedAt: number) => void {
    const revocation = { from: Date.now(), until: Infinity };
    this.#revokedKeys.set(kid, revocation);
    return (acknowledgedAt) => {
      revocation.until = acknowledgedAt + HOLDS_WITHIN;
    };
  }

  /** That a key may come to sign sooner than verifiers can know it. */
  noteEarly(kid: string): void {
    this.#earlyKeys.set(kid, Date.now());
  }

  /** What becomes of an access token that nobody has revoked, when it is presented and answered at these moments. */
  expectationOf(token: string, sentAt: number, at: number): 'works' | 'refused' | 'either' {
    const revoked = this.#revokedKeys.get(kidOf(token));
    if (revoked !== undefined && sentAt > revoked.until) return 'refused';
    if (revoked !== undefined && at >= revoked.from) return 'either';
    const expiresAt = expiryOf(token);
    if (sentAt >= expiresAt) return 'refused';
    return at < expiresAt ? 'works' : 'either';
  }

  /** Whether every verifier that does its part must take this token by its signature. */
  isForVerifiers(token: string, at: number, outages: Outages, cachesFor: number): boolean {
    const kid = kidOf(token);
    if (this.#revokedKeys.has(kid)) return false;
    const early = this.#earlyKeys.get(kid);
    if (early === undefined) return true;
    const knownAt = early + cachesFor;
    return at >= knownAt && outages.wasCalm(early, knownAt);
  }
}

/** In epoch milliseconds. */
export function expiryOf(token: string): number {
  return (decodeJwt(token).exp ?? 0) * 1000;
}
