/** Whoever looks after the keys of a Tessera through its API. */
import type { Response } from 'supertest';
import { expectContractKept } from './contract-check.ts';
import type { Tessera, Tokens } from './tessera.ts';

/**
 * Durations with which a whole life of a key can be followed by its numbers: a turn of a day, known after an hour. The server
 * holds its replies to the contract, too.
 */
export const shortLife = {
  KEY_ROTATE_EVERY: '1d',
  KEY_PUBLISH_BEFORE: '1h',
  JWKS_MAX_AGE: '5m',
  VERIFIER_CACHE: '10m',
  REPLICA_REFRESH: '30s',
  CLOCK_SKEW: '10s',
  ACCESS_TOKEN_LIFETIME: '15m',
  REPLY_CHECKS: 'enforce',
};

export type ListedKey = {
  kid: string;
  state: string;
  alg: string;
  activates_at: string | null;
  ended_at: string | null;
  retires_at: string | null;
  revoked_at: string | null;
  tokens_expire_at: string | null;
  changes_at: string | null;
  changes_in: number | null;
  unreadable: boolean;
};

export type Event = {
  id: string;
  at: string;
  type: string;
  subject: string;
  actor: Record<string, string>;
  reason: string | null;
  outcome: 'success' | 'failure';
  address: string | null;
  detail: string | null;
};

export type Page = { events: Event[]; next_cursor?: string };

export type Operator = {
  readonly clientId: string;
  /** A new token each time: the clock may have been moved on, or the key revoked that signed the last one. */
  token(): Promise<string>;
  /** Every reply is held to the contract. */
  ask(method: 'get' | 'post', target: string, body?: object): Promise<Response>;
  keys(): Promise<ListedKey[]>;
  /** The only key in this state. */
  keyIn(state: string): Promise<ListedKey>;
  published(): Promise<string[]>;
  rotate(body?: object): Promise<Response>;
  revoke(kid: string, body?: object): Promise<Response>;
  events(query?: string): Promise<Page>;
};

export async function newOperator(
  tessera: Tessera,
  scope = 'keys:read keys:manage audit:read profile:read',
): Promise<Operator> {
  const client = await tessera.addClient(scope);
  const operator: Operator = {
    clientId: client.client_id,
    async token() {
      const reply = await tessera.form('/token', { grant_type: 'client_credentials', ...client }).expect(200);
      return (reply.body as Tokens).access_token;
    },
    async ask(method, target, body) {
      const request = tessera.bearer(method, target, await operator.token());
      const reply = await (body === undefined ? request : request.send(body));
      const headers = reply.headers as Record<string, string>;
      expectContractKept(method.toUpperCase(), target, { status: reply.status, reason: '', headers, body: reply.text });
      return reply;
    },
    async keys() {
      return (successful(await operator.ask('get', '/keys')) as { keys: ListedKey[] }).keys;
    },
    async keyIn(state) {
      const found = (await operator.keys()).filter((key) => key.state === state);
      const [only] = found;
      if (only === undefined || found.length > 1) throw new Error(`${found.length} keys are ${state}`);
      return only;
    },
    async published() {
      const set = successful(await operator.ask('get', '/.well-known/jwks.json')) as { keys: { kid: string }[] };
      return set.keys.map(({ kid }) => kid);
    },
    rotate: (body) => operator.ask('post', '/keys/rotate', body),
    revoke: (kid, body) => operator.ask('post', `/keys/${encodeURIComponent(kid)}/revoke`, body),
    async events(query = '') {
      return successful(await operator.ask('get', `/audit-events${query}`)) as Page;
    },
  };
  return operator;
}

/** Lets time pass as it passes for a running server, which looks after its keys all the while. */
export async function passTime({ clock, keys }: Tessera, seconds: number): Promise<void> {
  const step = 15;
  for (let left = seconds; left > 0; left -= step) {
    clock.advance(Math.min(left, step));
    await keys.keyring.tick();
  }
}

function successful({ status, text, body }: Response): unknown {
  if (status !== 200) throw new Error(`${status} ${text}`);
  return body;
}
