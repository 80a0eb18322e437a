import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RefreshDecision, decideRefresh } from '../../src/tokens/refresh.ts';
import type { RefreshToken, Session } from '../../src/tokens/store.ts';

const lifetime = 100;

const session: Session = {
  id: 's',
  userId: 'usr_1',
  clientId: 'cli_1',
  scope: 'profile:read',
  createdAt: 1000,
  endedAt: null,
};
const token: RefreshToken = { hash: 'h', sessionId: 's', issuedAt: 1000, expiresAt: 1000 + lifetime, usedAt: null };

describe('decideRefresh', () => {
  it('decides each case as the table says', () => {
    const decided: string[] = [];
    for (const client of ['its own', 'another'])
      for (const endedAt of [null, 1010])
        for (const usedAt of [null, 1010])
          for (const now of [1099, 1100, 1101]) {
            const clientId = client === 'another' ? 'cli_2' : 'cli_1';
            const decision = decideRefresh({ ...token, usedAt }, { ...session, endedAt }, clientId, now);
            decided.push(
              `${client} ${endedAt === null ? 'open' : 'ended'} ${usedAt === null ? 'new' : 'used'} ${now} ${decision}`,
            );
          }
    expect(decided).toEqual([
      'its own open new 1099 rotate',
      'its own open new 1100 refuse',
      'its own open new 1101 refuse',
      'its own open used 1099 end-session',
      'its own open used 1100 end-session',
      'its own open used 1101 end-session',
      'its own ended new 1099 refuse',
      'its own ended new 1100 refuse',
      'its own ended new 1101 refuse',
      'its own ended used 1099 refuse',
      'its own ended used 1100 refuse',
      'its own ended used 1101 refuse',
      ...['open new', 'open used', 'ended new', 'ended used'].flatMap((state) =>
        [1099, 1100, 1101].map((now) => `another ${state} ${now} refuse`),
      ),
    ]);
  });
});

/** Someone presents one of the tokens that were ever given out, by its number, some seconds later. */
type Step = { token: number; own: boolean; after: number };

const steps = fc.array(
  fc.record({
    token: fc.nat({ max: 12 }),
    own: fc.boolean(),
    after: fc.oneof({ weight: 4, arbitrary: fc.nat({ max: 30 }) }, { weight: 1, arbitrary: fc.nat({ max: 150 }) }),
  }),
  { maxLength: 25 },
);

/** A family as a store would keep it, with what each decision does carried out. */
class Family {
  now = session.createdAt;
  session = session;
  tokens: RefreshToken[] = [token];

  present({ token: number, own, after }: Step): { decision: RefreshDecision; presented: RefreshToken } {
    this.now += after;
    const at = number % this.tokens.length;
    const presented = this.tokens[at] ?? token;
    const decision = decideRefresh(presented, this.session, own ? session.clientId : 'cli_2', this.now);
    if (decision === 'end-session') this.session = { ...this.session, endedAt: this.now };
    if (decision === 'rotate') {
      this.tokens[at] = { ...presented, usedAt: this.now };
      const successor = { hash: `h${this.tokens.length}`, issuedAt: this.now, expiresAt: this.now + lifetime };
      this.tokens.push({ ...token, ...successor });
    }
    return { decision, presented };
  }

  /** The tokens that would get a successor if they were presented now. */
  usable(): RefreshToken[] {
    return this.tokens.filter((each) => decideRefresh(each, this.session, session.clientId, this.now) === 'rotate');
  }
}

describe('a family of refresh tokens, whoever presents which of them whenever', () => {
  it('never has more than one token that works, and that is the newest', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const family = new Family();
        for (const step of all) {
          family.present(step);
          const usable = family.usable();
          expect(usable.length).toBeLessThanOrEqual(1);
          if (usable.length === 1) expect(usable[0]).toBe(family.tokens.at(-1));
        }
      }),
    );
  });

  it('is over for good once a used token has come from its own client (RFC 9700, 4.14.2)', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const family = new Family();
        let isOver = false;
        for (const step of all) {
          const { decision, presented } = family.present(step);
          if (isOver) expect(decision).toBe('refuse');
          isOver ||= step.own && presented.usedAt !== null;
          expect(family.session.endedAt !== null).toBe(isOver);
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

  it('is used by nobody but in the life of the token presented', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const family = new Family();
        for (const step of all) {
          const { decision, presented } = family.present(step);
          if (decision !== 'rotate') continue;
          expect(family.now).toBeGreaterThanOrEqual(presented.issuedAt);
          expect(family.now).toBeLessThan(presented.expiresAt);
        }
      }),
    );
  });

  it('goes on for ever when each token is used once and in time', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: lifetime - 1 }), { maxLength: 50 }), (waits) => {
        const family = new Family();
        for (const after of waits) {
          const newest = family.tokens.length - 1;
          expect(family.present({ token: newest, own: true, after }).decision).toBe('rotate');
        }
        expect(family.tokens).toHaveLength(waits.length + 1);
      }),
    );
  });
});
