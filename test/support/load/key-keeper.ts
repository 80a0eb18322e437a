/** Whoever rotates and revokes keys while the load goes on, and looks how soon that holds everywhere. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LimitFunction } from 'p-limit';
import { kidOf } from '../jwks.ts';
import { HOLDS_WITHIN, type Rotation } from './book.ts';
import type { Reply } from './exchange.ts';
import { type Site, asOperator, askEach, operatorToken } from './site.ts';

/** Milliseconds. */
const ROTATE_EVERY = 3_500;
const REVOKE_EVERY = 45_000;
const FORCE_EVERY = 400;

export type Delays = {
  /** Milliseconds from the reply to a rotation until every server signed with the new key; likewise for revocations. */
  readonly rotations: number[];
  readonly revocations: number[];
};

type ListedKey = { kid: string; state: string };

/** `calm`: while a delay is measured nobody may be killed. */
export async function keepKeys(
  site: Site,
  { calm, isOver, delays }: { calm: LimitFunction; isOver: () => boolean; delays: Delays },
): Promise<void> {
  let revokeAt = Date.now() + REVOKE_EVERY;
  while (!isOver()) {
    await sleep(ROTATE_EVERY * (0.5 + Math.random()));
    if (isOver()) return;
    const measure = Math.random() < 0.5;
    const isRevocation = Date.now() >= revokeAt;
    if (isRevocation) {
      revokeAt += REVOKE_EVERY;
      await calm(() => revoke(site, delays));
    } else if (measure) await calm(() => rotate(site, delays));
    else await rotate(site, null);
  }
}

/** By force, over and over. */
export async function keepRotating(site: Site, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await sleep(FORCE_EVERY * (0.5 + Math.random()));
    const ask = { name: 'rotate', method: 'POST', path: '/keys/rotate', json: { force: true } } as const;
    note(site, (await asOperator(site, ask)).reply);
  }
}

async function listKeys(site: Site): Promise<ListedKey[]> {
  const { reply } = await asOperator(site, { name: 'list keys', path: '/keys' });
  if (reply.status !== 200) site.book.breach('the keys could not be listed', reply);
  return (reply.body?.['keys'] ?? []) as ListedKey[];
}

/** Every standby may come to sign sooner than verifiers can know it. */
export async function noteStandbys(site: Site): Promise<void> {
  for (const { kid, state } of await listKeys(site)) if (state === 'standby') site.book.noteEarly(kid);
}

/** By the rules, or in one of two cases that they forbid, by force: then the standby may sign before verifiers know it. */
async function rotate(site: Site, delays: Delays | null): Promise<void> {
  const { book } = site;
  await noteStandbys(site);
  const ask = { name: 'rotate', method: 'POST', path: '/keys/rotate' } as const;
  let { reply } = await asOperator(site, { ...ask, json: {} });
  if (reply.status === 409 && reply.body?.['conflict'] === 'too_soon' && Math.random() < 0.5)
    ({ reply } = await asOperator(site, { ...ask, json: { force: true } }));
  const rotation = note(site, reply);
  if (rotation === null || delays === null) return;
  const { kid, previous } = rotation;
  const { at } = reply;
  const slowest = await Promise.all(site.replicas.map((url) => signsAnother(site, url, previous)));
  const took = Math.max(...slowest) - at;
  if (!site.outages.wasCalm(at, Date.now())) return;
  delays.rotations.push(took);
  if (took > HOLDS_WITHIN) book.breach('a rotation was not taken up in time', { kid, took });
}

/** What was acknowledged, if anything: somebody else may have been faster. */
function note({ book }: Site, reply: Reply): Rotation | null {
  if (reply.status === 409) return null;
  const { kid, previous_kid: previous } = reply.body ?? {};
  if (reply.status !== 200 || typeof kid !== 'string' || typeof previous !== 'string') {
    book.breach('a rotation was refused', reply);
    return null;
  }
  book.rotations.push({ kid, previous });
  book.acknowledge('rotations');
  return { kid, previous };
}

/** The moment at which the server was first seen to sign with another key. */
async function signsAnother(site: Site, url: string, previous: string): Promise<number> {
  const form = { grant_type: 'client_credentials', ...site.operator };
  const until = Date.now() + 10 * HOLDS_WITHIN;
  while (Date.now() < until) {
    await sleep(10);
    const answer = await site.send(url, { name: 'client_credentials', method: 'POST', path: '/token', form });
    if (answer.kind !== 'reply' || answer.status !== 200) continue;
    const token = String(answer.body?.['access_token']);
    site.book.noteToken(token);
    if (kidOf(token) !== previous) return answer.sentAt;
  }
  return Date.now();
}

async function revoke(site: Site, delays: Delays): Promise<void> {
  const { book } = site;
  const token = await operatorToken(site);
  const kid = kidOf(token);
  await noteStandbys(site);
  const acknowledge = book.beginRevocation(kid);
  const ask = { name: 'revoke key', method: 'POST', path: `/keys/${kid}/revoke`, json: {} } as const;
  const { reply } = await asOperator(site, ask);
  if (reply.status !== 200) {
    book.breach('a key could not be revoked', reply);
    return;
  }
  acknowledge(reply.at);
  book.acknowledge('revoked keys');
  const refusedAt = await Promise.all(site.replicas.map((url) => refuses(site, url, token)));
  if (!site.outages.wasCalm(reply.at, Date.now())) return;
  const took = Math.max(...refusedAt) - reply.at;
  delays.revocations.push(took);
  if (took > HOLDS_WITHIN) book.breach('a key was not revoked everywhere in time', { kid, took });
  await askEach(site, { name: 'jwks', path: '/.well-known/jwks.json', isWithoutDatabase: true }, (seen, url) => {
    const keys = (seen.body?.['keys'] ?? []) as { kid: string }[];
    if (keys.some((key) => key.kid === kid)) book.breach('a revoked key is published', { url, kid });
  });
}

async function refuses(site: Site, url: string, token: string): Promise<number> {
  const form = { token, ...site.operator };
  const until = Date.now() + 10 * HOLDS_WITHIN;
  while (Date.now() < until) {
    await sleep(10);
    const answer = await site.send(url, { name: 'introspect', method: 'POST', path: '/introspect', form });
    if (answer.kind === 'reply' && answer.body?.['active'] === false) return answer.sentAt;
  }
  return Date.now();
}
