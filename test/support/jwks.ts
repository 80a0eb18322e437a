/** What a third party does with the keys of a server: fetches them, and verifies tokens. */
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';

export type PublishedKeys = { keys: { kid: string }[] };

export async function fetchKeys(url: string): Promise<PublishedKeys> {
  const reply = await fetch(`${url}/.well-known/jwks.json`);
  return (await reply.json()) as PublishedKeys;
}

export const kidsIn = ({ keys }: PublishedKeys): string[] => keys.map(({ kid }) => kid);

export function kidOf(token: string): string {
  return decodeProtectedHeader(token).kid ?? '';
}

/** Rejects unless the token is good by these keys; `at` is the moment of the look, by default now. */
export async function verify(token: string, keys: PublishedKeys, at = new Date()): Promise<void> {
  await jwtVerify(token, createLocalJWKSet(keys as never), { typ: 'at+jwt', currentDate: at });
}

export type ClientCredentials = { client_id: string; client_secret: string };

export async function requestToken(url: string, client: ClientCredentials): Promise<string> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...client });
  const reply = await fetch(`${url}/token`, { method: 'POST', body });
  if (reply.status !== 200) throw new Error(await reply.text());
  return ((await reply.json()) as { access_token: string }).access_token;
}

/** Whether the server itself says that the token works. */
export async function isActive(url: string, client: ClientCredentials, token: string): Promise<boolean> {
  const reply = await fetch(`${url}/introspect`, { method: 'POST', body: new URLSearchParams({ token, ...client }) });
  return ((await reply.json()) as { active: boolean }).active;
}
