/** At the end: whether everything that was acknowledged is there, read through each server. */
import pLimit from 'p-limit';
import type { Account, Book, Session } from './book.ts';
import { refresh, signIn } from './people.ts';
import { type Site, asOperator } from './site.ts';
import { expectAlive, expectDead } from './tokens.ts';

/** Requests at the same time. */
const atOnce = pLimit(6);

/** What was looked at, counted. */
export async function reckon(site: Site): Promise<string> {
  const { accounts, dead, rotations } = site.book;
  await Promise.all(accounts.map((account) => atOnce(() => findEverywhere(site, account))));
  await Promise.all(dead.map((tokens) => atOnce(() => expectDead(site, tokens))));
  const enabled = accounts.filter(({ state }) => state === 'enabled');
  const alive = enabled.flatMap((account) =>
    account.sessions.filter(({ isEnded }) => !isEnded).map((session) => ({ account, session })),
  );
  await Promise.all(alive.map((each) => atOnce(() => goOnEverywhere(site, each))));
  await Promise.all(enabled.map((account) => atOnce(() => signIn(site, account))));
  await Promise.all(site.replicas.map((url) => findRotations({ ...site, entry: () => url })));
  return (
    `found again: ${accounts.length} accounts, ${alive.length} sessions, ` +
    `${dead.length} ends of tokens and sessions, ${rotations.length} rotations`
  );
}

async function findEverywhere(site: Site, account: Account): Promise<void> {
  const { id, username, name, state } = account;
  for (const url of site.replicas) {
    const { reply } = await asOperator({ ...site, entry: () => url }, { name: 'read user', path: `/users/${id}` });
    const { status, body } = reply;
    const isThere = status === 200 && body?.['username'] === username;
    const isRight = isThere && body['name'] === name && body['disabled'] === (state === 'disabled');
    if (state === 'deleted' ? status !== 404 : !isRight)
      site.book.breach('an account is not as was acknowledged', { url, account, reply });
  }
}

/** A family lives, whichever server is asked. */
async function goOnEverywhere(site: Site, { account, session }: { account: Account; session: Session }): Promise<void> {
  for (const url of site.replicas) {
    await refresh({ ...site, entry: () => url }, account, session);
    if (session.isEnded) return;
  }
  for (const url of site.replicas) await expectAlive(site, url, account, session);
}

async function findRotations(site: Site): Promise<void> {
  const activated = new Set<unknown>();
  for (let cursor = ''; ;) {
    const path = `/audit-events?type=key.activated&limit=100${cursor}`;
    const { reply } = await asOperator(site, { name: 'audit events', path });
    const events = (reply.body?.['events'] ?? []) as { subject: string }[];
    for (const { subject } of events) activated.add(subject);
    const next = reply.body?.['next_cursor'];
    if (typeof next !== 'string') break;
    cursor = `&cursor=${next}`;
  }
  for (const { kid } of site.book.rotations)
    if (!activated.has(kid)) site.book.breach('a rotation is lost', { kid, url: site.entry() });
}

/** Every count, in a line. */
export function describeAcknowledged({ acknowledged }: Book): string {
  return [...acknowledged].map(([what, count]) => `${count.toLocaleString('en-US')} ${what}`).join(', ');
}
