import { expect } from 'vitest';
import { policies } from '../../../src/throttling/policies.ts';
import {
  elsewhere,
  expectThrottled,
  inTurn,
  limited,
  logIn,
  statuses,
  times,
  use,
  via,
  it,
} from '../../support/attempts.ts';
import { expectDead, rotate, signIn } from '../../support/oauth.ts';
import { atFullCost, password } from '../../support/passwords.ts';
import { type Tessera, type Tokens, startTessera } from '../../support/tessera.ts';

const problem = { as: 'problem', retryAfter: 900 } as const;

function change(tessera: Tessera, token: string, current: string, next: string, from = elsewhere()) {
  const body = { current_password: current, new_password: next };
  return via(tessera.bearer('put', '/users/me/password', token).send(body), from);
}

it('takes a wrong current password 10 times in 15 minutes, however many come at once [ASVS-6.3.1]', async () => {
  // Hashes that take their time: a limit that is looked at first and counted later would let more in.
  const tessera = await startTessera(limited, atFullCost);
  const { tokens } = await signIn(tessera);
  const guesses = Array.from({ length: 30 }, () => change(tessera, tokens.access_token, 'not this one', 'a new one'));
  const replies = await Promise.all(guesses);
  expect(statuses(replies).toSorted()).toEqual([...times(10, 400), ...times(20, 429)]);
  expectThrottled(await change(tessera, tokens.access_token, password, 'tin whistle under the stairs'), problem);
});

it('is counted by session: a thief with an access token keeps no owner from changing the password', async ({
  tessera,
}) => {
  const { id, username, tokens: thief } = await signIn(tessera);
  const owner = await tessera.login(username);
  const guess = () => change(tessera, thief.access_token, 'not this one', 'a new one');
  expect(statuses(await inTurn(10, guess))).toEqual(times(10, 400));
  // Neither by the right one, nor with another access token of the session: that is no other one.
  expectThrottled(await change(tessera, thief.access_token, password, 'tin whistle under the stairs'), problem);
  const next = await rotate(tessera, thief.refresh_token);
  expectThrottled(await change(tessera, next.access_token, 'not this one', 'a new one'), problem);
  await change(tessera, owner.access_token, 'not this one', 'a new one').expect(400);
  await change(tessera, owner.access_token, password, 'tin whistle under the stairs').expect(200);
  await expectDead(tessera, next.access_token);
  const events = await tessera.database.audit.listEvents({ before: null, limit: 9, types: ['limit.reached'] });
  expect(events).toMatchObject([{ detail: 'password-change', actor: { sub: id } }]);
});

it('counts neither changes nor new passwords that cannot be', async ({ tessera }) => {
  const { tokens } = await signIn(tessera);
  const impossible = await inTurn(12, () => change(tessera, tokens.access_token, password, 'password1234'));
  expect(statuses(impossible)).toEqual(times(12, 400));
  const passwords = Array.from({ length: 13 }, (_, n) => (n === 0 ? password : `tin whistle ${n} under the stairs`));
  let token = tokens.access_token;
  for (let n = 0; n < 12; n += 1) {
    const reply = await change(tessera, token, passwords[n] ?? '', passwords[n + 1] ?? '').expect(200);
    token = (reply.body as Tokens).access_token;
  }
  const wrong = await inTurn(11, () => change(tessera, token, 'not this one', 'a new one'));
  expect(statuses(wrong)).toEqual([...times(10, 400), 429]);
});

it('leaves the logins to the account alone, and counts with those from its address', async ({ tessera }) => {
  const { username, tokens } = await signIn(tessera);
  const from = elsewhere();
  await use(tessera, policies.loginNetwork, from, 90);
  const wrong = await inTurn(10, () => change(tessera, tokens.access_token, 'not this one', 'a new one', from));
  expect(statuses(wrong)).toEqual(times(10, 400));
  await logIn(tessera, { username, from: elsewhere() }).expect(200);

  const other = await signIn(tessera);
  expectThrottled(await change(tessera, other.tokens.access_token, password, 'a new one', from), problem);
  const stranger = await tessera.newUser();
  expectThrottled(await logIn(tessera, { username: stranger.username, from }), { ...problem, as: 'oauth' });
});
