/*
 * What is asked of both servers, how many connections ask it, how close to the floor Tessera must come, and what a
 * correct reply is. One reply of each server is held against `check` before anything is measured.
 */
import assert from 'node:assert/strict';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import type { Contender } from './contenders.ts';
import { encodeRequest, type Feed, feedInTurn } from './load.ts';

type Exchange = {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  form?: Record<string, string>;
};
type Body = Record<string, unknown>;

export type Scenario = {
  name: string;
  /** Throughput against the floor's that Tessera has to reach. */
  atLeast: number;
  /** For each connection, what it asks in turn, again and again. */
  exchanges: (contender: Contender) => Promise<Exchange[][]>;
  check: (body: Body, contender: Contender) => Promise<void>;
};

const connections = 8;
/** Password hashing fills every core, so a few connections say as much as many and wait less. */
const passwordConnections = 4;

const jwksExchange: Exchange = { method: 'GET', path: '/.well-known/jwks.json', headers: {} };

export const scenarios: readonly Scenario[] = [
  {
    name: 'jwks',
    atLeast: 0.8,
    exchanges: async () => Array.from({ length: connections }, () => [jwksExchange]),
    check: async (body) => {
      const { keys } = keySetOf(body);
      assert(keys.length > 0, 'a key set with no key');
      for (const key of keys) assert(key.kty === 'RSA' && !('d' in key), 'a key that is not a public RSA key');
    },
  },
  {
    name: 'users/me',
    atLeast: 0.75,
    // As many tokens as connections, of one user: a real mix, in which no two connections present the same token.
    exchanges: async (contender) => {
      const exchanges: Exchange[][] = [];
      while (exchanges.length < connections) {
        const { access_token: token } = await exchange(contender, passwordExchange(contender, 0));
        assert(typeof token === 'string', 'a token reply without access_token');
        exchanges.push([{ method: 'GET', path: '/users/me', headers: { Authorization: `Bearer ${token}` } }]);
      }
      return exchanges;
    },
    check: async (body, contender) => {
      assert(body['username'] === contender.seed.usernames[0], 'a user other than the one who asked');
    },
  },
  {
    name: 'token client_credentials',
    atLeast: 0.85,
    exchanges: async (contender) => Array.from({ length: connections }, () => [clientExchange(contender)]),
    check: checkToken,
  },
  {
    name: 'token password',
    atLeast: 0.95,
    // Each account is one connection's, so that all sign in as often.
    exchanges: async (contender) =>
      Array.from({ length: passwordConnections }, (_, connection) =>
        contender.seed.usernames.flatMap((__, n) =>
          n % passwordConnections === connection ? [passwordExchange(contender, n)] : [],
        ),
      ),
    check: async (body, contender) => {
      assert(typeof body['refresh_token'] === 'string', 'a password grant without refresh_token');
      await checkToken(body, contender);
    },
  },
];

function passwordExchange({ seed }: Contender, user: number): Exchange {
  const form = { grant_type: 'password', username: seed.usernames[user] ?? '', password: seed.password };
  return { method: 'POST', path: '/token', headers: {}, form };
}

function clientExchange({ seed }: Contender): Exchange {
  const credentials = `${encodeURIComponent(seed.clientId)}:${encodeURIComponent(seed.clientSecret)}`;
  const headers = { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
  return { method: 'POST', path: '/token', headers, form: { grant_type: 'client_credentials' } };
}

async function exchange({ launch, name }: Contender, { method, path, headers, form }: Exchange): Promise<Body> {
  const { host, port } = launch.target;
  const body = form && new URLSearchParams(form);
  const reply = await fetch(`http://${host}:${port}${path}`, { method, headers, ...(body && { body }) });
  const text = await reply.text();
  assert(reply.status === 200, `${name}: ${method} ${path} answered ${reply.status}: ${text}`);
  return JSON.parse(text) as Body;
}

async function checkToken(body: Body, contender: Contender): Promise<void> {
  const { access_token: token } = body;
  assert(typeof token === 'string', 'a token reply without access_token');
  const keySet = keySetOf(await exchange(contender, jwksExchange));
  await jwtVerify(token, createLocalJWKSet(keySet), {
    algorithms: ['RS256'],
    typ: 'at+jwt',
    requiredClaims: ['iss', 'aud', 'sub', 'client_id', 'iat', 'exp', 'jti', 'scope'],
  });
}

function keySetOf(body: Body): JSONWebKeySet {
  assert(Array.isArray(body['keys']), 'a key set without keys');
  return { keys: body['keys'] as JSONWebKeySet['keys'] };
}

/** What to send on each connection, once one reply has been found correct. */
export async function prepareRequests(scenario: Scenario, contender: Contender): Promise<Feed[]> {
  const exchanges = await scenario.exchanges(contender);
  const first = exchanges[0]?.[0];
  if (first === undefined) throw new Error(`${scenario.name} asks nothing`);
  await scenario.check(await exchange(contender, first), contender);
  const { target } = contender.launch;
  return exchanges.map((turns) =>
    feedInTurn(turns.map(({ method, path, headers, form }) => encodeRequest(target, method, path, headers, form))),
  );
}
