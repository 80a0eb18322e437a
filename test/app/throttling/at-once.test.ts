/** How many passwords one network may have looked at in the same moment. */
import type { Response, Test } from 'supertest';
import { describe, expect, it, vi } from 'vitest';
import type { AppDependencies } from '../../../src/server/app-dependencies.ts';
import { atOnce } from '../../../src/throttling/at-once.ts';
import { Throttled } from '../../../src/throttling/throttled.ts';
import type { UserStore } from '../../../src/users/store.ts';
import { elsewhere, expectThrottled, limited, logIn, statuses, times, via } from '../../support/attempts.ts';
import { signIn } from '../../support/oauth.ts';
import { type Tessera, password, startTessera } from '../../support/tessera.ts';

const next = 'tin whistle under the stairs';

/** A gate before the accounts, where whoever has been let in by the limits waits while it is closed. */
function newGate() {
  const waiting: (() => void)[] = [];
  const gate = {
    isClosed: false,
    waiting,
    open() {
      gate.isClosed = false;
      for (const goOn of waiting.splice(0)) goOn();
    },
    changes({ stores }: AppDependencies): Partial<AppDependencies> {
      const behind =
        <Args extends unknown[], Outcome>(method: (...args: Args) => Promise<Outcome>) =>
        async (...args: Args) => {
          if (gate.isClosed) await new Promise<void>((goOn) => waiting.push(goOn));
          return method(...args);
        };
      const accounts = stores.users;
      const users: UserStore = {
        ...accounts,
        findUserByUsername: behind((usernameKey) => accounts.findUserByUsername(usernameKey)),
        insertUser: behind((user, occasion) => accounts.insertUser(user, occasion)),
        replacePasswordHash: behind((id, change, occasion) => accounts.replacePasswordHash(id, change, occasion)),
      };
      return { stores: { ...stores, users } };
    },
  };
  return gate;
}

function register(tessera: Tessera, from: string): Test {
  const username = `user-${elsewhere().replaceAll(':', '-')}`;
  return via(tessera.request.post('/users').send({ username, password: next }), from);
}

function change(tessera: Tessera, token: string, from: string): Test {
  const body = { current_password: password, new_password: next };
  return via(tessera.bearer('put', '/users/me/password', token).send(body), from);
}

describe('the passwords of one network', () => {
  it('are 50 at once, of logins, registrations and changes together, and others come in beside them [ASVS-6.3.1]', async () => {
    const gate = newGate();
    const tessera = await startTessera(limited, (deps) => gate.changes(deps));
    const device = await signIn(tessera);
    const { refresh_token } = device.tokens;
    const changing = await Promise.all(Array.from({ length: 5 }, async () => signIn(tessera)));
    const latecomer = await signIn(tessera);
    const home = '2001:db8:ffff:1';
    const known = (n: number) =>
      logIn(tessera, { username: device.username, from: `${home}::${n}`, ...(n < 10 && { refresh_token }) });

    gate.isClosed = true;
    // What is known by its token is not counted with its network; it takes its room in the queue all the same.
    const asked = [
      ...Array.from({ length: 40 }, (_, n) =>
        n < 10 ? known(n) : logIn(tessera, { username: `nobody-${n}`, from: `${home}::${n}` }),
      ),
      ...Array.from({ length: 5 }, () => register(tessera, `${home}::a`)),
      ...changing.map(({ tokens }) => change(tessera, tokens.access_token, `${home}::b`)),
    ].map(async (each): Promise<Response> => each);
    await vi.waitFor(() => {
      expect(gate.waiting).toHaveLength(50);
    }, 10_000);

    expectThrottled(await known(0), { as: 'oauth', retryAfter: 1 });
    expectThrottled(await register(tessera, `${home}::c`), { as: 'problem', retryAfter: 1 });
    expectThrottled(await change(tessera, latecomer.tokens.access_token, `${home}::c`), {
      as: 'problem',
      retryAfter: 1,
    });
    expect(gate.waiting).toHaveLength(50);
    gate.isClosed = false;
    await logIn(tessera, { username: device.username, from: elsewhere() }).expect(200);
    await register(tessera, elsewhere()).expect(201);

    gate.open();
    expect(statuses(await Promise.all(asked))).toEqual([
      ...times(10, 200),
      ...times(30, 400),
      ...times(5, 201),
      ...times(5, 200),
    ]);
    await known(0).expect(200);
    await change(tessera, latecomer.tokens.access_token, `${home}::c`).expect(200);
  });
});

describe('work at once', () => {
  it('makes room when it is done or fails, and not when it is refused', async () => {
    const run = atOnce(100);
    const ends: ((error?: Error) => void)[] = [];
    const work = () =>
      new Promise<void>((resolve, reject) => {
        ends.push((error) => {
          if (error === undefined) resolve();
          else reject(error);
        });
      });
    const begin = () => run('192.0.2.1', work).catch((error: unknown) => error);
    const begun = Array.from({ length: 50 }, begin);
    for (let n = 0; n < 3; n += 1) expect(await begin()).toMatchObject({ name: 'Throttled', retryAfter: 1 });

    ends[0]?.();
    await begun[0];
    begun.push(begin());
    expect(await begin()).toBeInstanceOf(Throttled);
    const fault = new Error('it failed');
    ends[1]?.(fault);
    expect(await begun[1]).toBe(fault);
    begun.push(begin());
    expect(await begin()).toBeInstanceOf(Throttled);

    for (const end of ends) end();
    await Promise.all(begun);
    expect(ends).toHaveLength(52);
    const anew = Array.from({ length: 50 }, begin);
    expect(ends).toHaveLength(102);
    expect(await begin()).toBeInstanceOf(Throttled);
    for (const end of ends) end();
    await Promise.all(anew);
  });
});
