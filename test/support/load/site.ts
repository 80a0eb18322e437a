/** Where the load goes, and how whoever makes it sends what must be answered in the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Book } from './book.ts';
import type { Ask, Exchange, Reply } from './exchange.ts';
import type { Outages } from './outages.ts';
import type { ClientCredentials } from '../jwks.ts';

export type Site = {
  /** Where the next request of a client goes: the proxy, or one server after another. */
  entry(): string;
  /** Every server by itself. */
  readonly replicas: readonly string[];
  readonly send: Exchange;
  readonly outages: Outages;
  readonly book: Book;
  /** A client that may do all that is asked of it here. */
  readonly operator: ClientCredentials;
};

/** Milliseconds for which a request is repeated: longer than any outage. */
const PATIENCE = 90_000;

/** No server has answered for so long that what the request was about cannot be known any more. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

/** `isDoubtful`: an earlier try may have been carried out. */
export type Settled = { readonly reply: Reply; readonly isDoubtful: boolean };

/** Sends it until it is answered. */
export async function persist(site: Site, ask: Ask): Promise<Settled> {
  const startedAt = Date.now();
  for (let isDoubtful = false; ; isDoubtful = true) {
    const answer = await site.send(site.entry(), ask);
    if (answer.kind === 'reply') return { reply: answer, isDoubtful };
    if (Date.now() - startedAt > PATIENCE) throw new GivenUp(`${ask.name} was not answered`);
    await sleep(100 + Math.random() * 200);
  }
}

/** Sends it to every server by itself. Those that do not answer are away, or have been found out already. */
export async function askEach(site: Site, ask: Ask, look: (reply: Reply, url: string) => void): Promise<void> {
  const asked = site.replicas.map(async (url) => {
    const answer = await site.send(url, { ...ask, name: `${ask.name}, each server` });
    if (answer.kind === 'reply') look(answer, url);
  });
  await Promise.all(asked);
}

/** A token of the operator, a new one. */
export async function operatorToken(site: Site): Promise<string> {
  const form = { grant_type: 'client_credentials', ...site.operator };
  const { reply } = await persist(site, { name: 'client_credentials', method: 'POST', path: '/token', form });
  const token = reply.body?.['access_token'];
  if (reply.status === 200 && typeof token === 'string') {
    site.book.noteToken(token);
    return token;
  }
  site.book.breach('a client was refused a token', reply);
  throw new GivenUp('no token');
}

/** Milliseconds for which the operator uses a token. */
const USED_FOR = 5_000;
const held = new WeakMap<Book, { readonly token: string; readonly until: number }>();

/** As the operator. A token that has expired, or whose key is revoked meanwhile, is replaced. */
export async function asOperator(site: Site, ask: Ask): Promise<Settled> {
  for (;;) {
    const known = held.get(site.book);
    const isGood = known !== undefined && known.until > Date.now();
    const token = isGood ? known.token : await operatorToken(site);
    if (!isGood) held.set(site.book, { token, until: Date.now() + USED_FOR });
    const settled = await persist(site, { ...ask, token });
    const { status, sentAt, at } = settled.reply;
    if (status !== 401 || site.book.expectationOf(token, sentAt, at) === 'works') return settled;
    held.delete(site.book);
  }
}

/** One that nobody has come from, so that no limit is shared. */
export function newAddress(): string {
  const byte = () => Math.floor(Math.random() * 256);
  return `10.${byte()}.${byte()}.${byte()}`;
}
