import fc from '../../support/property.ts';
import { describe, expect, it } from 'vitest';
import { type Presented, type RefreshDecision, decideRefresh } from '../../../src/tokens/refresh.ts';
import type { RefreshToken } from '../../../src/tokens/store.ts';
import { aSession, aToken, aUser } from '../../support/records.ts';

const lifetime = 100;
const grace = 10;

const session = aSession('s', aUser('ada'), { clientId: 'cli_1', expiresAt: 1000 + 10 * lifetime });
const token = aToken('t0', session, { expiresAt: 1000 + lifetime });

describe('decideRefresh', () => {
  const clientId = 'cli_1';
  const used = { ...token, usedAt: 1010, sealedSuccessor: 'sealed' };
  const successor = { usedAt: null, expiresAt: 1010 + lifetime };
  const decide = (presented: Partial<Presented>, now: number, by = clientId, within = grace) =>
    decideRefresh({ token, session, successor: undefined, ...presented }, { clientId: by, now, grace: within });

  it.each<[string, Partial<Presented>, number, RefreshDecision]>([
    ['an unused token in its last second', {}, 1099, 'rotate'],
    ['an unused token that has expired', {}, 1100, 'refuse'],
    ['the last used token in the last second of the grace', { token: used, successor }, 1020, 'repeat'],
    ['the last used token after the grace', { token: used, successor }, 1021, 'end-session'],
    ['the last used token by a clock that is behind', { token: used, successor }, 1007, 'repeat'],
    ['an older token within the grace', { token: { ...used, sealedSuccessor: null } }, 1010, 'end-session'],
    [
      'a token whose successor has been used meanwhile',
      { token: used, successor: { ...successor, usedAt: 1012 } },
      1012,
      'end-session',
    ],
    [
      'a token whose successor has expired within the grace',
      { token: used, successor: { usedAt: null, expiresAt: 1015 } },
      1015,
      'end-session',
    ],
    ['a used token that expired since', { token: { ...used, expiresAt: 1012 }, successor }, 1012, 'repeat'],
    ['an unused token of an ended session', { session: { ...session, endedAt: 1005 } }, 1006, 'refuse'],
    [
      'a used token of an ended session',
      { token: used, successor, session: { ...session, endedAt: 1011 } },
      1012,
      'refuse',
    ],
    ['an unused token at the end of its session', { session: { ...session, expiresAt: 1050 } }, 1050, 'refuse'],
    [
      'a used token at the end of its session',
      { token: used, successor, session: { ...session, expiresAt: 1012 } },
      1012,
      'refuse',
    ],
    [
      'an older token at the end of its session',
      { token: { ...used, sealedSuccessor: null }, session: { ...session, expiresAt: 1050 } },
      1050,
      'refuse',
    ],
  ])('%s', (_, presented, now, decision) => {
    expect(decide(presented, now)).toBe(decision);
    // Nothing of it is any business of another client (RFC 6749, 6).
    expect(decide(presented, now, 'cli_2')).toBe('refuse');
    // Without the grace every use of a used token is theft (RFC 9700, 4.14.2).
    expect(decide(presented, now, clientId, 0)).toBe(decision === 'repeat' ? 'end-session' : decision);
  });
});

/** Someone presents one of the tokens that were ever given out, by its number, some seconds later. */
type Step = { token: number; own: boolean; after: number };

const steps = fc.array(
  fc.record({
    // From the newest on backwards: most of what happens is about the last few.
    token: fc.oneof({ weight: 4, arbitrary: fc.nat({ max: 2 }) }, { weight: 1, arbitrary: fc.nat({ max: 12 }) }),
    own: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.boolean() }),
    after: fc.oneof(
      // Replicas may be a little behind each other.
      { weight: 6, arbitrary: fc.integer({ min: -2, max: 12 }) },
      { weight: 1, arbitrary: fc.nat({ max: 150 }) },
    ),
  }),
  { maxLength: 40 },
);

/** A family as a store would keep it, with what each decision does carried out. */
class Family {
  readonly grace: number;
  now = session.createdAt;
  session = session;
  tokens: RefreshToken[] = [token];

  constructor(graceFor = grace) {
    this.grace = graceFor;
  }

  present({ token: back, own, after }: Step): {
    decision: RefreshDecision;
    presented: RefreshToken;
    given?: RefreshToken;
  } {
    this.now += after;
    const at = Math.max(this.tokens.length - 1 - back, 0);
    const presented = this.tokens[at] ?? token;
    const decision = this.decide(presented, own ? session.clientId : 'cli_2');
    if (decision === 'end-session') this.session = { ...this.session, endedAt: this.now };
    if (decision === 'repeat') return { decision, presented, ...this.#successorOf(presented) };
    if (decision !== 'rotate') return { decision, presented };
    const given = aToken(`t${this.tokens.length}`, session, {
      issuedAt: this.now,
      expiresAt: Math.min(this.now + lifetime, session.expiresAt),
    });
    this.tokens = [...this.tokens.map((each) => ({ ...each, sealedSuccessor: null })), given];
    this.tokens[at] = { ...presented, usedAt: this.now, sealedSuccessor: given.hash };
    return { decision, presented, given };
  }

  decide(presented: RefreshToken, clientId = session.clientId): RefreshDecision {
    const { given: successor } = this.#successorOf(presented);
    return decideRefresh(
      { token: presented, session: this.session, successor },
      { clientId, now: this.now, grace: this.grace },
    );
  }

  /** The tokens that would get a successor if they were presented now. */
  usable(): RefreshToken[] {
    return this.tokens.filter((each) => this.decide(each) === 'rotate');
  }

  #successorOf({ sealedSuccessor }: RefreshToken): { given?: RefreshToken } {
    const given = this.tokens.find(({ hash }) => hash === sealedSuccessor);
    return given === undefined ? {} : { given };
  }
}

const graces = fc.constantFrom(0, 1, grace, 1000);

describe('a family of refresh tokens, whoever presents which of them whenever', () => {
  it('never has more than one token that works, and that is the newest', () => {
    fc.assert(
      fc.property(steps, graces, (all, graceFor) => {
        const family = new Family(graceFor);
        for (const step of all) {
          family.present(step);
          const usable = family.usable();
          expect(usable.length).toBeLessThanOrEqual(1);
          if (usable.length === 1) expect(usable[0]).toBe(family.tokens.at(-1));
          expect(family.tokens.filter(({ usedAt }) => usedAt === null)).toEqual([family.tokens.at(-1)]);
        }
      }),
    );
  });

  it('gives a token that was used the one successor that it had, if it was used last and within the grace', () => {
    fc.assert(
      fc.property(steps, graces, (all, graceFor) => {
        const family = new Family(graceFor);
        const successors = new Map<string, string>();
        for (const step of all) {
          const lastUsed = family.tokens.at(-2);
          const { decision, presented, given } = family.present(step);
          if (given === undefined) continue;
          if (decision === 'rotate') successors.set(presented.hash, given.hash);
          else {
            expect(given.hash).toBe(successors.get(presented.hash));
            expect(presented.hash).toBe(lastUsed?.hash);
            expect(family.now - (presented.usedAt ?? 0)).toBeLessThanOrEqual(graceFor);
          }
          expect(given).toBe(family.tokens.at(-1));
          expect(given.usedAt).toBeNull();
        }
      }),
    );
  });

  it('is over for good once a used token has come later, or an older one (RFC 9700, 4.14.2) [RFC9700-4.14.2/reuse]', () => {
    fc.assert(
      fc.property(steps, graces, (all, graceFor) => {
        const family = new Family(graceFor);
        let isOver = false;
        for (const step of all) {
          const wasLastUsed = family.tokens.at(-2);
          const { decision, presented } = family.present(step);
          if (isOver) expect(decision).toBe('refuse');
          const isReused = step.own && presented.usedAt !== null && family.now < session.expiresAt;
          const isLate = family.now - (presented.usedAt ?? family.now) > graceFor;
          const isOlder = presented.hash !== wasLastUsed?.hash;
          const mustEnd = isReused && (isLate || isOlder || graceFor === 0);
          if (!isOver && mustEnd) expect(decision).toBe('end-session');
          isOver ||= decision === 'end-session';
          expect(family.session.endedAt !== null).toBe(isOver);
          if (isOver) expect(family.usable()).toEqual([]);
        }
      }),
    );
  });

  it('is not touched by another client (RFC 6749, 6)', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const [family, alone] = [new Family(), new Family()];
        for (const step of all) {
          if (!step.own) {
            expect(family.present(step).decision).toBe('refuse');
            alone.now = family.now;
          } else expect(family.present(step)).toEqual(alone.present(step));
        }
        expect(family.tokens).toEqual(alone.tokens);
        expect(family.session).toEqual(alone.session);
      }),
    );
  });

  it('is used by nobody but in the life of the token presented, and of the session', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const family = new Family();
        for (const step of all) {
          const { decision, presented, given } = family.present(step);
          if (given === undefined) continue;
          if (decision === 'rotate') expect(family.now).toBeLessThan(presented.expiresAt);
          expect(family.now).toBeLessThan(given.expiresAt);
          expect(given.expiresAt).toBeLessThanOrEqual(session.expiresAt);
        }
      }),
    );
  });
});

/** An honest client refreshes after `wait`; it loses as many replies as there are `retries`, each that long after the last. */
const uses = fc.array(
  fc.record({ wait: fc.nat({ max: 40 }), retries: fc.array(fc.nat({ max: grace / 2 }), { maxLength: 2 }) }),
  { maxLength: 50 },
);

describe('an honest client', () => {
  it('is never logged out for a reply that was lost, if it comes again within the grace', () => {
    fc.assert(
      fc.property(uses, (all) => {
        const family = new Family();
        let held = token.hash;
        for (const { wait, retries } of all) {
          if (family.now + wait + grace >= session.expiresAt) return;
          const back = (hash: string) =>
            family.tokens.length - 1 - family.tokens.findIndex((each) => each.hash === hash);
          let reply = family.present({ token: back(held), own: true, after: wait });
          expect(reply.decision).toBe('rotate');
          for (const after of retries) {
            reply = family.present({ token: back(held), own: true, after });
            expect(reply.decision).toBe('repeat');
          }
          held = reply.given?.hash ?? '';
          expect(family.usable().map(({ hash }) => hash)).toEqual([held]);
        }
      }),
    );
  });

  it('may go on until the session ends when each token is used once and in time, and no longer', () => {
    const family = new Family();
    while (family.now + lifetime - 1 < session.expiresAt)
      expect(family.present({ token: 0, own: true, after: lifetime - 1 }).decision).toBe('rotate');
    expect(family.tokens.at(-1)?.expiresAt).toBe(session.expiresAt);
    expect(family.present({ token: 0, own: true, after: session.expiresAt - family.now }).decision).toBe('refuse');
  });
});
