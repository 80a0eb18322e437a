import { describe, expect } from 'vitest';
import type { Role } from '../../../src/users/store.ts';
import { expectAlive, expectProblem, signIn } from '../../support/oauth.ts';
import { type Tessera, type Tokens, it } from '../../support/tessera.ts';

/** What was asked for is refused for want of these scopes (RFC 6750, 3.1), and nothing has happened to the account. */
async function expectOutOfBounds(
  tessera: Tessera,
  token: string,
  asked: { method: 'patch' | 'delete'; path: string; body?: object },
  scope: string,
): Promise<void> {
  const id = asked.path.split('/')[2] ?? '';
  const before = await tessera.database.users.findUser(id);
  const sessions = await tessera.database.sessions.listSessions(id, tessera.clock());
  const trail = await changesOf(tessera, id);
  const request = tessera.bearer(asked.method, asked.path, token);
  const reply = await (asked.body === undefined ? request : request.send(asked.body));
  expectProblem(reply, 403);
  expect(reply.headers['www-authenticate']).toBe(
    `Bearer realm="tessera", error="insufficient_scope", scope="${scope}"`,
  );
  expect(await tessera.database.users.findUser(id)).toEqual(before);
  expect(await tessera.database.sessions.listSessions(id, tessera.clock())).toEqual(sessions);
  expect(await changesOf(tessera, id)).toEqual(trail);
}

/** What the audit trail says of an account, but for what its own user was denied. */
async function changesOf({ database }: Tessera, subject: string) {
  const events = (await database.audit.listEvents({ before: null, limit: 200, subject })) ?? [];
  return events.filter(({ type }) => type !== 'access.denied');
}

/** All that the role admin grants beyond what the role support does. */
const beyondSupport = 'keys:read keys:manage clients:manage tokens:introspect audit:read';

async function support(tessera: Tessera) {
  return signIn(tessera, { roles: ['support'] });
}

describe('an account out of bounds', () => {
  it('is made of no account by giving it more than the caller has: support makes nobody an administrator', async ({
    tessera,
  }) => {
    const { id, tokens } = await support(tessera);
    const other = await tessera.newUser();
    for (const target of [id, other.id]) {
      const give = (roles: Role[]) => ({ method: 'patch', path: `/users/${target}`, body: { roles } }) as const;
      await expectOutOfBounds(tessera, tokens.access_token, give(['admin']), beyondSupport);
      await expectOutOfBounds(tessera, tokens.access_token, give(['support', 'admin']), beyondSupport);
      await expectOutOfBounds(tessera, tokens.access_token, give(['operator']), 'keys:read keys:manage');
      await expectOutOfBounds(tessera, tokens.access_token, give(['auditor']), 'audit:read keys:read');
    }
    await tessera
      .bearer('patch', `/users/${other.id}`, tokens.access_token)
      .send({ roles: ['support'] })
      .expect(200);
  });

  it('loses nothing to the caller: support neither demotes, disables, signs out nor deletes an administrator', async ({
    tessera,
  }) => {
    const { tokens } = await support(tessera);
    const admin = await signIn(tessera, { roles: ['admin'] });
    const path = `/users/${admin.id}`;
    const asked = [
      { method: 'patch', path, body: { roles: [] } },
      { method: 'patch', path, body: { roles: ['support'] } },
      { method: 'patch', path, body: { disabled: true } },
      { method: 'patch', path, body: { disabled: false } },
      { method: 'delete', path },
      { method: 'delete', path: `${path}/sessions` },
    ] as const;
    for (const each of asked) await expectOutOfBounds(tessera, tokens.access_token, each, beyondSupport);
    await expectAlive(tessera, admin.tokens.access_token);
  });

  it('is one whatever its state: support does not enable a disabled administrator', async ({ tessera }) => {
    const { tokens } = await support(tessera);
    await tessera.newUser(['admin']);
    const { id } = await tessera.newUser(['admin']);
    await tessera.disableUser(id);
    const enable = { method: 'patch', path: `/users/${id}`, body: { disabled: false } } as const;
    await expectOutOfBounds(tessera, tokens.access_token, enable, beyondSupport);
  });

  it('is so for what the token lacks, whatever roles its user has: an administrator with a narrow token [ASVS-10.3.2]', async ({
    tessera,
  }) => {
    const { id, username } = await tessera.newUser(['admin']);
    const narrow = await tessera.login(username, 'users:read users:manage keys:read');
    const other = await signIn(tessera, { roles: ['operator'] });
    const path = `/users/${other.id}`;
    await expectOutOfBounds(tessera, narrow.access_token, { method: 'delete', path }, 'keys:manage');
    const self = { method: 'patch', path: `/users/${id}`, body: { roles: ['admin'] } } as const;
    const missing = 'keys:manage clients:manage tokens:introspect audit:read';
    await expectOutOfBounds(tessera, narrow.access_token, self, missing);
    const whole = await tessera.login(username);
    await tessera.bearer('delete', path, whole.access_token).expect(204);
  });

  it('is so for a service client as well, which may look after the accounts within its scope', async ({ tessera }) => {
    const client = await tessera.addClient('users:read users:manage');
    const form = { grant_type: 'client_credentials', ...client };
    const { access_token: token } = (await tessera.form('/token', form).expect(200)).body as Tokens;
    const admin = await tessera.newUser(['admin']);
    const user = await signIn(tessera);
    await expectOutOfBounds(tessera, token, { method: 'delete', path: `/users/${admin.id}` }, beyondSupport);
    const change = { method: 'patch', path: `/users/${user.id}`, body: { roles: ['admin'] } } as const;
    await expectOutOfBounds(tessera, token, change, beyondSupport);
    await tessera.bearer('get', `/users/${user.id}/sessions`, token).expect(200);
    await tessera.bearer('patch', `/users/${user.id}`, token).send({ disabled: true }).expect(200);
    await tessera.bearer('delete', `/users/${user.id}`, token).expect(204);
  });

  it('is judged as it is at the moment of the change, not as it was when it was looked up', async ({ tessera }) => {
    const { tokens } = await support(tessera);
    const promoter = await signIn(tessera, { roles: ['admin'] });
    for (let round = 0; round < 10; round += 1) {
      const { id } = await tessera.newUser();
      const [promoted, disabled] = await Promise.all([
        tessera.bearer('patch', `/users/${id}`, promoter.tokens.access_token).send({ roles: ['admin'] }),
        tessera.bearer('patch', `/users/${id}`, tokens.access_token).send({ disabled: true }),
      ]);
      expect(promoted.status).toBe(200);
      const [first] = (await tessera.database.audit.listEvents({ before: null, limit: 2, subject: id })) ?? [];
      // Disabled first and promoted then, or promoted first and out of bounds from then on.
      expect({ status: disabled.status, last: first?.type }).toEqual({
        status: first?.type === 'user.roles_changed' && disabled.status === 200 ? 200 : 403,
        last: 'user.roles_changed',
      });
    }
  });
});

describe('the scopes of account administration', () => {
  it.for([
    ['get', '/users', 'users:read'],
    ['get', '/users/usr_AAAAAAAAAAAAAAAAAAAAAA', 'users:read'],
    ['get', '/users/usr_AAAAAAAAAAAAAAAAAAAAAA/sessions', 'users:read'],
    ['patch', '/users/usr_AAAAAAAAAAAAAAAAAAAAAA', 'users:manage'],
    ['delete', '/users/usr_AAAAAAAAAAAAAAAAAAAAAA', 'users:manage'],
    ['delete', '/users/usr_AAAAAAAAAAAAAAAAAAAAAA/sessions', 'users:manage'],
  ] as const)('%s %s needs %s', async ([method, path, scope], { tessera }) => {
    const user = await signIn(tessera);
    const other = scope === 'users:read' ? 'users:manage' : 'users:read';
    const { username } = await tessera.newUser(['admin']);
    const narrow = await tessera.login(username, other);
    for (const token of [user.tokens.access_token, narrow.access_token]) {
      const request = tessera.bearer(method, path, token);
      const reply = await (method === 'patch' ? request.send({ disabled: true }) : request);
      expectProblem(reply, 403);
      expect(reply.headers['www-authenticate']).toContain(`scope="${scope}"`);
    }
    const anonymous = tessera.request[method](path);
    expectProblem(await (method === 'patch' ? anonymous.send({ disabled: true }) : anonymous), 401);
  });
});
