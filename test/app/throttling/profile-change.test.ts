import { expect } from 'vitest';
import { policies } from '../../../src/throttling/policies.ts';
import { elsewhere, expectThrottled, inTurn, statuses, times, use, useUp, via, it } from '../../support/attempts.ts';
import { signIn } from '../../support/oauth.ts';
import { type Tessera, password } from '../../support/tessera.ts';

const problem = { as: 'problem', retryAfter: 3600 } as const;

function change(tessera: Tessera, token: string, body: object, from = elsewhere()) {
  return via(tessera.bearer('patch', '/users/me', token).send(body), from);
}

function useOf(tessera: Tessera, id: string, tries: number): Promise<void> {
  return useUp(tessera, { policy: policies.profileChange, of: [id] }, tries);
}

it('is made 300 times in an hour by one account, from however many addresses [ASVS-6.3.1]', async ({ tessera }) => {
  const { id, tokens } = await signIn(tessera);
  const other = await signIn(tessera);
  await useOf(tessera, id, 290);
  const changes = await inTurn(10, (n) => change(tessera, tokens.access_token, { name: `Ada ${n}` }));
  expect(statuses(changes)).toEqual(times(10, 200));
  for (const body of [{ name: 'Grace' }, { username: 'grace' }])
    expectThrottled(await change(tessera, tokens.access_token, body), problem);
  expect((await tessera.bearer('get', '/users/me', tokens.access_token).expect(200)).body).toMatchObject({
    name: 'Ada 9',
  });
  await change(tessera, other.tokens.access_token, { name: 'Grace' }).expect(200);
});

it('of a username is a registration of its network: it tells whether a name is taken', async ({ tessera }) => {
  const [mine, other, more] = [await signIn(tessera), await signIn(tessera), await signIn(tessera)];
  const from = elsewhere();
  await use(tessera, policies.registration, from, 96);
  const names = [other.username, 'two words', `${mine.username}-2`];
  const changes = await inTurn(3, (n) => change(tessera, mine.tokens.access_token, { username: names[n] }, from));
  expect(statuses(changes)).toEqual([409, 400, 200]);
  const account = { username: other.username, password };
  await via(tessera.request.post('/users').send(account), from).expect(409);

  expectThrottled(await change(tessera, more.tokens.access_token, { username: 'x', name: 'x' }, from), problem);
  expectThrottled(await via(tessera.request.post('/users').send(account), from), problem);
  await change(tessera, more.tokens.access_token, { name: 'Grace' }, from).expect(200);
  await change(tessera, more.tokens.access_token, { username: `${more.username}-2` }).expect(200);
});

it('counts only where it can be made: neither malformed, nor without the scope, nor by a client', async ({
  tessera,
}) => {
  const { id, username, tokens } = await signIn(tessera);
  const narrow = await tessera.login(username, 'profile:read');
  await useOf(tessera, id, 299);
  await change(tessera, tokens.access_token, { roles: [] }).expect(400);
  await change(tessera, narrow.access_token, { name: 'Ada' }).expect(403);
  await change(tessera, tokens.access_token, { name: 'Ada' }).expect(200);
  expectThrottled(await change(tessera, tokens.access_token, { name: 'Grace' }), problem);
});

it('counts only where it changes something: a thief spends nothing of the owner by what is taken, or is so', async ({
  tessera,
}) => {
  const { id, username, tokens: thief } = await signIn(tessera);
  const owner = await tessera.login(username);
  const other = await signIn(tessera);
  await useOf(tessera, id, 299);
  const inVain = [{ name: null }, { username }, { username: other.username }, { username: 'two words' }];
  for (const body of inVain) {
    const expected =
      'username' in body && body.username === other.username ? 409 : body.username === 'two words' ? 400 : 200;
    const asked = times(5, 0).map(() => change(tessera, thief.access_token, body));
    expect(statuses(await Promise.all(asked))).toEqual(times(5, expected));
  }
  await change(tessera, owner.access_token, { name: 'Ada' }).expect(200);
  expectThrottled(await change(tessera, owner.access_token, { name: 'Grace' }), problem);
});

it('that got 429 counts as a registration of its network, whether or not the username is taken', async ({
  tessera,
}) => {
  const { id, username, tokens } = await signIn(tessera);
  const other = await signIn(tessera);
  const from = elsewhere();
  await useOf(tessera, id, 300);
  await use(tessera, policies.registration, from, 99);
  expectThrottled(await change(tessera, tokens.access_token, { username: `${username}-2` }, from), problem);
  // Else free names could be told from others without end.
  expectThrottled(await change(tessera, tokens.access_token, { username: other.username }, from), problem);
  expectThrottled(
    await via(tessera.request.post('/users').send({ username: `${username}-3`, password }), from),
    problem,
  );
});
