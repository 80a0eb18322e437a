/** Tokens as an attacker would make them, and as only the server itself could. */
import { type JsonWebKey, type KeyObject, createHmac, createPrivateKey, sign } from 'node:crypto';
import { expect } from 'vitest';
import { parseKeyEncryptionKey } from '../../src/keys/sealing/key-encryption-key.ts';
import { unsealPrivateKey } from '../../src/keys/sealing/seal.ts';
import { expectProblem, introspect } from './oauth.ts';
import { type Tessera, keyEncryptionKey } from './tessera.ts';

export type Members = Readonly<Record<string, unknown>>;

/** Signs the text before the last dot. */
export type Sign = (input: string) => Buffer;

/** A compact JWS over exactly these members (RFC 7515, 7.1), by hand: no library would make most of these. */
export function compact(header: Members, payload: Members | string, signInput: Sign): string {
  const input = `${encode(JSON.stringify(header))}.${encode(typeof payload === 'string' ? payload : JSON.stringify(payload))}`;
  return `${input}.${signInput(input).toString('base64url')}`;
}

export function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}

export function decode(token: string): { header: Members; payload: Members; signature: string } {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Members;
  return { header: read(header), payload: read(payload), signature };
}

export function rs256(key: KeyObject): Sign {
  return (input) => sign('sha256', Buffer.from(input), key);
}

export function hs256(secret: string | Buffer): Sign {
  return (input) => createHmac('sha256', secret).update(input).digest();
}

export const unsigned: Sign = () => Buffer.alloc(0);

/** The private key that the server signs with now: with it, only the rule in question can refuse a token. */
export async function stealSigningKey(tessera: Tessera): Promise<{ kid: string; key: KeyObject }> {
  const { kid } = await tessera.keys.keyring.signer();
  const record = (await tessera.keys.store.listKeys()).find((key) => key.kid === kid);
  const kek = parseKeyEncryptionKey(keyEncryptionKey, 'this test');
  return { kid, key: createPrivateKey(unsealPrivateKey([kek], kid, record?.sealedPrivateKey ?? '')) };
}

/** The token works neither at our own API, where the reason stays our own, nor in the eyes of others. */
export async function expectRefused(
  tessera: Tessera,
  token: string,
  description = 'The access token does not work.',
): Promise<void> {
  const reply = await tessera.bearer('get', '/users/me', token);
  expectProblem(reply, 401);
  expect(reply.body).toMatchObject({ detail: description });
  expect(reply.headers['www-authenticate']).toBe(
    `Bearer realm="tessera", error="invalid_token", error_description="${description}"`,
  );
  expect(await introspect(tessera, token)).toEqual({ active: false });
}

/** The key that the server publishes as `kid`. */
export async function publishedKey(tessera: Tessera, kid: string): Promise<JsonWebKey> {
  const reply = await tessera.request.get('/.well-known/jwks.json').expect(200);
  const { keys } = reply.body as { keys: (JsonWebKey & { kid: string })[] };
  const found = keys.find((key) => key.kid === kid);
  if (found === undefined) throw new Error(`${kid} is not published`);
  return found;
}
