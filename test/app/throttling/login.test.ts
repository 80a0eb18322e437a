import { describe, expect } from 'vitest';
import { policies } from '../../../src/throttling/policies.ts';
import {
  elsewhere,
  expectThrottled,
  failToLogIn,
  inTurn,
  it,
  limited,
  logIn,
  statuses,
  times,
  use,
} from '../../support/attempts.ts';
import { atFullCost } from '../../support/passwords.ts';
import { occasion } from '../../support/records.ts';
import { startTessera } from '../../support/tessera.ts';

const oauth = { as: 'oauth', retryAfter: 900 } as const;

describe('an account', () => {
  it('may be tried with a wrong password 10 times in 15 minutes, from however many addresses [RFC6749-4.3.2/brute-force] [ASVS-6.1.1]', async ({
    tessera,
  }) => {
    const { username } = await tessera.newUser();
    const replies = await inTurn(10, () => failToLogIn(tessera, { username, from: elsewhere() }));
    expect(statuses(replies)).toEqual(times(10, 400));
    expectThrottled(await failToLogIn(tessera, { username, from: elsewhere() }), oauth);
    expectThrottled(await logIn(tessera, { username, from: elsewhere() }), oauth);
    const other = await tessera.newUser();
    await logIn(tessera, { username: other.username, from: elsewhere() }).expect(200);
  });

  it('is the same in every spelling of its name [ASVS-6.3.4]', async ({ tessera }) => {
    await tessera.addUser('Turing');
    for (const username of ['turing', 'TURING', 'Turing', 'ｔｕｒｉｎｇ', 'tUring'])
      expect(statuses(await inTurn(2, () => failToLogIn(tessera, { username, from: elsewhere() })))).toEqual([
        400, 400,
      ]);
    expectThrottled(await failToLogIn(tessera, { username: 'turinG', from: elsewhere() }), oauth);
  });

  it('is the same with blanks around its name, whether or not it is there', async ({ tessera }) => {
    const { username } = await tessera.newUser();
    for (const name of [username, 'nobody-with-blanks']) {
      const spelled = (n: number) => `${' '.repeat(n % 3)}${name}${'\t'.repeat(n % 4)}`;
      const failures = await inTurn(10, (n) => failToLogIn(tessera, { username: spelled(n), from: elsewhere() }));
      expect(statuses(failures)).toEqual(times(10, 400));
      expectThrottled(await failToLogIn(tessera, { username: `\u3000${name}`, from: elsewhere() }), oauth);
    }
  });

  it('is tried with 10 of 50 guesses that come at once [ASVS-6.3.1]', async () => {
    // Hashes that take their time: a limit that is looked at first and counted later would let more in.
    const tessera = await startTessera(limited, atFullCost);
    const { username } = await tessera.newUser();
    const guesses = Array.from({ length: 50 }, () => failToLogIn(tessera, { username, from: elsewhere() }));
    const replies = await Promise.all(guesses);
    expect(statuses(replies).toSorted()).toEqual([...times(10, 400), ...times(40, 429)]);
  });

  it('is used up by nothing but failures: who knows the password comes in as often as they like', async ({
    tessera,
  }) => {
    const { username } = await tessera.newUser();
    const successes = await inTurn(25, () => logIn(tessera, { username, from: elsewhere() }));
    expect(statuses(successes)).toEqual(times(25, 200));
    const failures = await inTurn(10, () => failToLogIn(tessera, { username, from: elsewhere() }));
    expect(statuses(failures)).toEqual(times(10, 400));
  });

  it('has no tries again because its user has come in', async ({ tessera }) => {
    const { username } = await tessera.newUser();
    expect(statuses(await inTurn(9, () => failToLogIn(tessera, { username, from: elsewhere() })))).toEqual(
      times(9, 400),
    );
    expect(statuses(await inTurn(3, () => logIn(tessera, { username, from: elsewhere() })))).toEqual(times(3, 200));
    await failToLogIn(tessera, { username, from: elsewhere() }).expect(400);
    expectThrottled(await failToLogIn(tessera, { username, from: elsewhere() }), oauth);
  });

  it('may be tried anew 15 minutes after the first failure', async () => {
    const tessera = await startTessera(limited);
    const { username } = await tessera.newUser();
    await failToLogIn(tessera, { username, from: elsewhere() }).expect(400);
    tessera.clock.advance(600);
    expect(statuses(await inTurn(9, () => failToLogIn(tessera, { username, from: elsewhere() })))).toEqual(
      times(9, 400),
    );
    tessera.clock.advance(299);
    expectThrottled(await logIn(tessera, { username, from: elsewhere() }), { as: 'oauth', retryAfter: 1 });
    tessera.clock.advance(1);
    const failures = await inTurn(10, () => failToLogIn(tessera, { username, from: elsewhere() }));
    expect(statuses(failures)).toEqual(times(10, 400));
    expectThrottled(await logIn(tessera, { username, from: elsewhere() }), oauth);
  });
});

describe('an address', () => {
  it('may fail 100 times in 15 minutes, whatever the accounts, and an IPv6 one counts with its /64 [ASVS-6.3.1]', async ({
    tessera,
  }) => {
    const here = (n: number) => `2001:db9:1:1:${n}::1`;
    await use(tessera, policies.loginNetwork, here(0), 90);
    const failures = await inTurn(10, (n) => failToLogIn(tessera, { username: `nobody-${n}`, from: here(n) }));
    expect(statuses(failures)).toEqual(times(10, 400));
    const { username } = await tessera.newUser();
    expectThrottled(await logIn(tessera, { username, from: here(99) }), oauth);
    await logIn(tessera, { username, from: '2001:db9:1:2::1' }).expect(200);
  });

  it('is no other than its neighbour in IPv4, however it is written', async ({ tessera }) => {
    await use(tessera, policies.loginNetwork, '198.51.100.7', 100);
    const { username } = await tessera.newUser();
    for (const from of ['198.51.100.7', '::ffff:198.51.100.7', '::ffff:c633:6407'])
      expectThrottled(await logIn(tessera, { username, from }), oauth);
    await logIn(tessera, { username, from: '198.51.100.8' }).expect(200);
  });

  it('uses up nothing of an account once its own tries are gone', async ({ tessera }) => {
    const { username } = await tessera.newUser();
    const from = elsewhere();
    await use(tessera, policies.loginNetwork, from, 100);
    expect(statuses(await inTurn(15, () => failToLogIn(tessera, { username, from })))).toEqual(times(15, 429));
    await failToLogIn(tessera, { username, from: elsewhere() }).expect(400);
  });
});

describe('an account that is not there', () => {
  it('is limited like any other, so that nothing tells them apart [ASVS-6.3.8]', async ({ tessera }) => {
    const { username } = await tessera.newUser();
    const disabled = await tessera.newUser();
    await tessera.database.users.administerUser(disabled.id, { disabled: true }, occasion(tessera.clock()));
    const seen = [];
    for (const name of [username, disabled.username, 'nobody-at-all', 'two words', 'x'.repeat(65)]) {
      const device = { refresh_token: 'trt_gmbX5p2JSf9SxO4bgLcVZLkVDUQpXbnYzxRHOS6LKPU' };
      const replies = await inTurn(12, (n) =>
        failToLogIn(tessera, { username: name, from: elsewhere(), ...(n % 2 === 0 && device) }),
      );
      seen.push(replies.map(({ status, text, headers }) => ({ status, text, headers: { ...headers, date: '' } })));
    }
    for (const each of seen) expect(each).toEqual(seen[0]);
    expect(seen[0]?.map(({ status }) => status)).toEqual([...times(10, 400), ...times(2, 429)]);
  });
});
