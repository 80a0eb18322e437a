/** Sends every operation of the contract what it takes, and what it does not, and keeps all that comes back. */
import { routes } from '../../src/generated/routes.ts';
import type { ClientCredentials } from './jwks.ts';
import { password } from './passwords.ts';
import { type Headers, ask } from './wire.ts';

export type OperationId = keyof typeof routes.operations;

/** `text` is the whole reply, headers and body. */
export type Answer = { readonly id: OperationId; readonly status: number; readonly text: string };

type Caller = ClientCredentials & { readonly token: string };

const ids = Object.keys(routes.operations) as OperationId[];
const json = { 'Content-Type': 'application/json' };
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

/** By the parameter of a path, something that is not there. */
const unknown: Readonly<Record<string, string>> = {
  kid: 'unknown',
  userId: 'usr_AAAAAAAAAAAAAAAAAAAAAA',
  sessionId: '00000000-0000-4000-8000-000000000000',
  clientId: 'cli_AAAAAAAAAAAAAAAAAAAAAA',
  secretId: 'sec_AAAAAAAAAAAAAAAAAAAAAA',
};

/** More than any body may have, in bytes. */
const TOO_LARGE = 300_000;

export class Exerciser {
  readonly answers: Answer[] = [];
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /**
   * As they are meant to be used; `client` is one that may do whatever clients may, also for users, `admin` the only
   * administrator.
   */
  async use(client: ClientCredentials, admin: string): Promise<void> {
    await this.#useUsers(client);
    await this.#useAccounts((await this.login(client)).token, admin);
    await this.#useClients((await this.login(client)).token);
    await this.#useKeys(await this.login(client));
    await this.tryAll(await this.login(client));
  }

  async login(client: ClientCredentials): Promise<Caller> {
    const reply = await this.#form('issueToken', { grant_type: 'client_credentials', ...client });
    return { ...client, token: reply['access_token'] ?? '' };
  }

  /** Each once, with a request that is in order. */
  async tryAll({ token, ...client }: Caller, only: readonly OperationId[] = ids): Promise<void> {
    const bodies: Partial<Record<OperationId, object>> = {
      issueToken: { grant_type: 'client_credentials', ...client },
      revokeToken: { token, ...client },
      introspectToken: { token, ...client },
      registerUser: { username: 'grace', password },
      updateCurrentUser: { name: 'Grace' },
      changePassword: { current_password: password, new_password: `${password}?` },
      updateUser: { disabled: true },
      registerClient: { client_name: 'a', scope: 'a' },
      updateClient: { scope: 'b' },
      rotateKeys: { force: true },
    };
    for (const id of only) {
      const body = bodies[id] ?? '';
      const isForm = routes.operations[id].mediaTypes.some((type) => type === form['Content-Type']);
      const text = isForm ? new URLSearchParams({ ...bodies[id] }).toString() : body === '' ? '' : JSON.stringify(body);
      const type = isForm ? form : text === '' ? {} : json;
      await this.#send(id, { ...(isForm ? {} : bearer(token)), ...type }, text);
    }
  }

  async #useUsers(client: ClientCredentials): Promise<void> {
    const { client_id, client_secret } = client;
    await this.#json('registerUser', '', { username: 'ada', password, name: 'Ada' });
    await this.#json('registerUser', '', { username: 'ada', password });
    const login = await this.#form('issueToken', { grant_type: 'password', username: 'ada', password });
    const refresh = { grant_type: 'refresh_token', refresh_token: login['refresh_token'] ?? '' };
    const { access_token: token = '' } = await this.#form('issueToken', refresh);
    await this.#form('introspectToken', { token, client_id, client_secret });
    await this.#send('getCurrentUser', bearer(token));
    await this.#json('updateCurrentUser', token, { name: 'Augusta' });
    await this.#json('registerUser', '', { username: 'lovelace', password });
    await this.#json('updateCurrentUser', token, { username: 'lovelace' });
    const change = { current_password: password, new_password: `${password}!` };
    const changed = await this.#json('changePassword', token, change);
    await this.#useSessions(changed['access_token'] ?? '');
    await this.#form('revokeToken', { token: refresh.refresh_token });
    // Through a confidential client, which has to sign the user in again.
    const signIn = { grant_type: 'password', username: 'ada', password: change.new_password };
    const through = await this.#form('issueToken', { ...signIn, client_id, client_secret });
    const back = { current_password: change.new_password, new_password: `${password}?` };
    await this.#json('changePassword', through['access_token'] ?? '', back);
    const again = await this.#form('issueToken', { ...signIn, password: back.new_password });
    await this.#send('deleteCurrentUser', bearer(again['access_token'] ?? ''));
  }

  async #useSessions(token: string): Promise<void> {
    await this.#send('listCurrentUserSessions', bearer(token));
    await this.#send('endCurrentUserSessions', bearer(token));
    await this.#send('endSession', bearer(token));
    const { sid } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sid: string };
    await this.#send('endSession', bearer(token), '', `/users/me/sessions/${sid}`);
  }

  /** `token` may do anything, and the account `admin` is the only administrator, whose password is the usual one. */
  async #useAccounts(token: string, admin: string): Promise<void> {
    const page = await this.#send('listUsers', bearer(token), '', `/users?limit=200&search=${admin}`);
    const found = JSON.parse(page.body) as { users: { id: string; username: string }[] };
    const id = found.users.find(({ username }) => username === admin)?.id ?? '';
    const as = { ...bearer(token), ...json };
    await this.#send('updateUser', as, '{"disabled":true}', `/users/${id}`);
    await this.#send('deleteUser', as, '', `/users/${id}`);
    const login = await this.#form('issueToken', { grant_type: 'password', username: admin, password });
    await this.#send('deleteCurrentUser', bearer(login['access_token'] ?? ''));

    const body = JSON.stringify({ username: `someone-${this.answers.length}`, password });
    const other = JSON.parse((await this.#send('registerUser', json, body)).body) as { id: string };
    const path = `/users/${other.id}`;
    await this.#send('getUser', bearer(token), '', path);
    await this.#send('updateUser', as, '{"roles":["support"]}', path);
    await this.#send('listUserSessions', bearer(token), '', `${path}/sessions`);
    await this.#send('endUserSessions', bearer(token), '', `${path}/sessions`);
    await this.#send('deleteUser', bearer(token), '', path);
  }

  async #useClients(token: string): Promise<void> {
    const as = { ...bearer(token), ...json };
    const made = await this.#send('registerClient', as, '{"client_name":"b","scope":"b"}');
    const registered = JSON.parse(made.body) as { client_id: string; client_secrets: { id: string }[] };
    const path = `/clients/${registered.client_id}`;
    const secret = `${path}/secrets/${registered.client_secrets[0]?.id}`;
    await this.#send('listClients', bearer(token));
    await this.#send('getClient', bearer(token), '', path);
    await this.#send('updateClient', as, '{"scope":"c"}', path);
    await this.#send('deleteClientSecret', bearer(token), '', secret);
    await this.#send('addClientSecret', bearer(token), '', `${path}/secrets`);
    await this.#send('addClientSecret', bearer(token), '', `${path}/secrets`);
    await this.#send('deleteClientSecret', bearer(token), '', secret);
    await this.#send('deleteClient', bearer(token), '', path);
  }

  async #useKeys(client: Caller): Promise<void> {
    const listed = JSON.parse((await this.#send('listKeys', bearer(client.token))).body) as {
      keys: { kid: string; state: string }[];
    };
    const kidIn = (state: string) => listed.keys.find((key) => key.state === state)?.kid ?? '';
    const rotation = { force: true, signer: kidIn('active'), reason: 'a drill' };
    await this.#json('rotateKeys', client.token, rotation);
    await this.#json('rotateKeys', client.token, rotation);
    await this.#send('rotateKeys', bearer(client.token));
    const target = `/keys/${kidIn('standby')}/revoke`;
    await this.#send('revokeKey', { ...bearer(client.token), ...json }, '{"reason":"lost"}', target);
    const { token } = await this.login(client);
    await this.#send('revokeKey', bearer(token), '', target);
    await this.#send('listAuditEvents', bearer(token), '', '/audit-events?limit=200');
  }

  /** As nobody should: without a token, with what is none, with one that is not enough, and with what breaks the contract. */
  async misuse(client: ClientCredentials, stranger: ClientCredentials): Promise<void> {
    const { token } = await this.login(client);
    const weak = (await this.login(stranger)).token;
    for (const other of ['', 'garbage', weak]) await this.tryAll({ ...client, token: other });
    await this.#send('introspectToken', { ...bearer(weak), ...form }, `token=${token}`);
    await this.tryAll({ client_id: client.client_id, client_secret: 'wrong', token });
    for (const id of ids) {
      await this.#send(id, { 'If-None-Match': '*' });
      await this.#send(id, { Host: 'two, hosts' });
      await this.#send(id, bearer(token), '', `${targetOf(id)}?limit=x&cursor=x`);
      for (const type of ['text/plain', ...routes.operations[id].mediaTypes])
        for (const body of ['{"', '{"d":1}', 'token=a&token=b', 'x'.repeat(TOO_LARGE)])
          await this.#send(id, { ...bearer(token), 'Content-Type': type }, body);
    }
  }

  async #form(id: OperationId, fields: Record<string, string>): Promise<Record<string, string>> {
    return read(await this.#send(id, form, new URLSearchParams(fields).toString()));
  }

  async #json(id: OperationId, token: string, fields: object): Promise<Record<string, string>> {
    return read(await this.#send(id, { ...json, ...(token === '' ? {} : bearer(token)) }, JSON.stringify(fields)));
  }

  async #send(id: OperationId, headers: Headers, body = '', target = targetOf(id)) {
    const reply = await ask(this.#port, routes.operations[id].method.toUpperCase(), target, headers, body);
    this.answers.push({ id, status: reply.status, text: JSON.stringify(reply.headers) + reply.body });
    return reply;
  }
}

function read({ body }: { readonly body: string }): Record<string, string> {
  return body === '' ? {} : (JSON.parse(body) as Record<string, string>);
}

function targetOf(id: OperationId): string {
  return routes.operations[id].path.replaceAll(/\{(\w+)\}/g, (_, name: string) => unknown[name] ?? '');
}
