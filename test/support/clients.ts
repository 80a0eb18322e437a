/** Registered clients, and what they authenticate with. */
import { type KeyObject, generateKeyPairSync, randomUUID } from 'node:crypto';
import { type CryptoKey, type JWK, SignJWT } from 'jose';
import type { ClientDraft } from '../../src/clients/member-rules.ts';
import type { SigningAlgorithm } from '../../src/keys/algorithm.ts';
import { type Tessera, issuer, password } from './tessera.ts';

/** Members of a client through which users may sign in. */
export const forUsers = { grantTypes: ['client_credentials', 'password', 'refresh_token'] } as const;

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export type KeyPair = { readonly alg: SigningAlgorithm; readonly privateKey: KeyObject; readonly jwk: JWK };

export function newKeyPair(alg: SigningAlgorithm, kid?: string): KeyPair {
  const { privateKey, publicKey } = generate(alg);
  return { alg, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), ...(kid !== undefined && { kid }) } };
}

function generate(alg: SigningAlgorithm) {
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return alg === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('rsa', { modulusLength: 2048 });
}

type Assertion = { header?: Record<string, unknown>; claims?: Record<string, unknown>; key?: KeyObject | CryptoKey };

/** A good assertion of the client (RFC 7523, 3), but for what `changes` say; undefined there leaves a member out. */
export function sign(tessera: Tessera, clientId: string, pair: KeyPair, changes: Assertion = {}): Promise<string> {
  const now = tessera.clock();
  const { header, claims, key } = changes;
  const good = { iss: clientId, sub: clientId, aud: issuer, exp: now + 60, iat: now, jti: randomUUID() };
  return new SignJWT({ ...good, ...claims })
    .setProtectedHeader({ alg: pair.alg, ...(pair.jwk.kid !== undefined && { kid: pair.jwk.kid }), ...header })
    .sign(key ?? pair.privateKey);
}

/** Asks for a token of the client itself by an assertion. */
export function present(tessera: Tessera, client_assertion: string, more: Record<string, string> = {}) {
  const grant = { grant_type: 'client_credentials', client_assertion_type: assertionType, client_assertion };
  return tessera.form('/token', { ...grant, ...more });
}

/** A client that signs with the pair, or with any of them, whose keys are registered. Its id. */
export async function addSigner(
  tessera: Tessera,
  pairs: KeyPair | readonly KeyPair[],
  more: Partial<ClientDraft> = {},
): Promise<string> {
  const jwks = { keys: [pairs].flat().map(({ jwk }) => jwk) };
  const members = { authMethod: 'private_key_jwt', jwks, ...more } as const;
  return (await tessera.addClient('profile:read orders:read', members)).client_id;
}

/** The access token of an administrator, with all that goes with it or with `scope` alone. */
export async function administrator(tessera: Tessera, scope = ''): Promise<string> {
  const { username } = await tessera.newUser(['admin']);
  const form = { grant_type: 'password', username, password, scope };
  const reply = await tessera.form('/token', form).expect(200);
  return (reply.body as { access_token: string }).access_token;
}

/** The access token that the client gets for itself. */
export async function tokenOf(tessera: Tessera, client: Record<string, string>): Promise<string> {
  const reply = await tessera.form('/token', { grant_type: 'client_credentials', ...client }).expect(200);
  return (reply.body as { access_token: string }).access_token;
}

/** The events of a client, the oldest first. */
export async function eventsOf(tessera: Tessera, clientId: string) {
  const found = await tessera.database.audit.listEvents({ before: null, limit: 100, subject: clientId });
  return (found ?? []).reverse();
}
