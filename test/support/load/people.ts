/** People who register, sign in, use what they get, and leave: one after another for each seat of the load. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { type Account, type Session, expiryOf } from './book.ts';
import type { Ask, Reply } from './exchange.ts';
import { GivenUp, type Settled, type Site, asOperator, askEach, newAddress, persist } from './site.ts';
import { expectAlive, expectDead } from './tokens.ts';

/** Milliseconds that an access token must have left for a request with it. */
const LEAST_LEFT = 3_000;

const mostSteps = 14;

type Step = (site: Site, account: Account, session: Session) => Promise<void>;

/** What people do, and how often, in parts of the sum. A step that ends the session is the last with it. */
const steps: readonly (readonly [number, Step])[] = [
  [30, refresh],
  [6, repeatRefresh],
  [6, refreshTwiceAtOnce],
  [24, look],
  [6, rename],
  [5, mistype],
  [6, readKeys],
  [6, lookAtTheDead],
  [4, revokeAccessToken],
  [3, endSession],
  [3, revokeRefreshToken],
  [2, reuseRefreshToken],
  [2, endOthers],
  [2, disable],
  [1, removeAccount],
];
const sum = steps.reduce((total, [weight]) => total + weight, 0);

/** Until `isOver`; between two steps, `pause` milliseconds on average. */
export async function takeSeat(site: Site, pause: number, isOver: () => boolean): Promise<void> {
  while (!isOver())
    try {
      await live(site, pause, isOver);
    } catch (error) {
      if (!(error instanceof GivenUp)) throw error;
      site.book.breach('the load was not answered', error.message);
      await sleep(1_000);
    }
}

async function live(site: Site, pause: number, isOver: () => boolean): Promise<void> {
  const account = await register(site);
  if (account === null) return;
  let session = await signIn(site, account);
  for (let taken = 0; taken < mostSteps && !isOver() && account.state === 'enabled'; taken += 1) {
    await sleep(Math.random() * 2 * pause);
    if (session === null) return;
    if (session.isEnded) session = await signIn(site, account);
    else await choose()(site, account, session);
  }
}

function choose(): Step {
  let left = Math.random() * sum;
  for (const [weight, step] of steps) {
    left -= weight;
    if (left < 0) return step;
  }
  return look;
}

/** Null when it was refused, which is a breach. A name that is taken is that of the try before, which was not answered. */
async function register(site: Site): Promise<Account | null> {
  const username = `u${randomBytes(9).toString('hex')}`;
  const password = `stapled battery ${randomBytes(6).toString('hex')}`;
  const address = newAddress();
  const json = { username, password, name: 'nobody yet' };
  const ask: Ask = { name: 'register', method: 'POST', path: '/users', json, address };
  const { reply, isDoubtful } = await persist(site, ask);
  let { body } = reply;
  if (reply.status === 409 && isDoubtful) body = await findAccount(site, username);
  const id = body?.['id'];
  if (typeof id !== 'string') {
    site.book.breach('a registration was refused', { reply, isDoubtful });
    return null;
  }
  const { name } = json;
  const account: Account = {
    ...{ id, username, password, address, name },
    ...{ state: 'enabled', disablings: 0, isLeaving: false, sessions: [] },
  };
  site.book.accounts.push(account);
  site.book.acknowledge('registrations');
  return account;
}

async function findAccount(site: Site, username: string): Promise<Record<string, unknown> | null> {
  const { reply } = await asOperator(site, { name: 'list users', path: `/users?search=${username}` });
  const [found] = (reply.body?.['users'] ?? []) as Record<string, unknown>[];
  return found?.['username'] === username ? found : null;
}

function logIn({ username, password, address }: Account): Ask {
  const form = { grant_type: 'password', username, password };
  return { name: 'log in', method: 'POST', path: '/token', form, address };
}

/** Null when it was refused, which is a breach. */
export async function signIn(site: Site, account: Account): Promise<Session | null> {
  const { reply } = await persist(site, logIn(account));
  const tokens = tokensOf(reply.body);
  if (reply.status !== 200 || tokens === null) {
    site.book.breach('a login was refused', { account, reply });
    return null;
  }
  const session: Session = {
    id: String(decodeJwt(tokens.accessToken)['sid']),
    ...tokens,
    previous: null,
    isEnded: false,
  };
  account.sessions.push(session);
  site.book.noteToken(session.accessToken);
  site.book.acknowledge('logins');
  await look(site, account, session);
  return session;
}

function tokensOf(body: Record<string, unknown> | null) {
  const { access_token: accessToken, refresh_token: refreshToken } = body ?? {};
  return typeof accessToken === 'string' && typeof refreshToken === 'string' ? { accessToken, refreshToken } : null;
}

export async function refresh(site: Site, account: Account, session: Session): Promise<void> {
  const presented = session.refreshToken;
  const tokens = await present(site, account, presented);
  if (tokens === null) {
    session.isEnded = true;
    return;
  }
  Object.assign(session, tokens, { previous: presented });
  site.book.acknowledge('refreshes');
  if (Math.random() < 0.3) await look(site, account, session);
}

/** A family never dies of a reply that was lost: the token may come again, within the grace, and the outages are shorter. */
async function present(site: Site, { address }: Account, refresh_token: string) {
  const form = { grant_type: 'refresh_token', refresh_token };
  const ask: Ask = { name: 'refresh', method: 'POST', path: '/token', form, address };
  const { reply, isDoubtful } = await persist(site, ask);
  const tokens = tokensOf(reply.body);
  if (reply.status !== 200 || tokens === null) {
    site.book.breach('a refresh was refused', { reply, isDoubtful });
    return null;
  }
  site.book.noteToken(tokens.accessToken);
  return tokens;
}

/** As if the reply had been lost. */
async function repeatRefresh(site: Site, account: Account, session: Session): Promise<void> {
  await refresh(site, account, session);
  if (session.previous === null || session.isEnded) return;
  const again = await present(site, account, session.previous);
  if (again?.refreshToken !== session.refreshToken) site.book.breach('a repeat got another successor', { account });
  else session.accessToken = again.accessToken;
}

async function refreshTwiceAtOnce(site: Site, account: Account, session: Session): Promise<void> {
  const presented = session.refreshToken;
  const both = await Promise.all([present(site, account, presented), present(site, account, presented)]);
  const [first, second] = both;
  if (first === null || second === null || first.refreshToken !== second.refreshToken) {
    site.book.breach('two refreshes at once got two successors', { account });
    session.isEnded = true;
    return;
  }
  Object.assign(session, first, { previous: presented });
  site.book.acknowledge('refreshes');
}

async function look(site: Site, account: Account, session: Session): Promise<void> {
  if (isShort(session)) return;
  const { replicas } = site;
  const url = replicas[Math.floor(Math.random() * replicas.length)] ?? '';
  if (Math.random() < 0.5) await expectAlive(site, site.entry(), account, session);
  else if (!site.outages.isDown(url)) await expectAlive(site, url, account, session);
}

function isShort({ accessToken }: Session): boolean {
  return expiryOf(accessToken) - Date.now() < LEAST_LEFT;
}

/**
 * With an access token that works: one that does not any more, by its time or its key, is replaced. Unless what is asked for
 * takes the token along, and a try before may have been carried out.
 */
async function asUser(
  site: Site,
  { account, session, isLast = false }: { account: Account; session: Session; isLast?: boolean },
  ask: Ask,
): Promise<Settled> {
  for (;;) {
    if (isShort(session)) await refresh(site, account, session);
    const { accessToken: token } = session;
    const settled = await persist(site, { ...ask, token, address: account.address });
    const { status, sentAt, at } = settled.reply;
    if (session.isEnded || status !== 401 || site.book.expectationOf(token, sentAt, at) === 'works') return settled;
    if (settled.isDoubtful && isLast) return settled;
    await refresh(site, account, session);
  }
}

/** What was acknowledged can be read everywhere at once. */
async function rename(site: Site, account: Account, session: Session): Promise<void> {
  const name = `somebody ${randomBytes(4).toString('hex')}`;
  const ask: Ask = { name: 'rename', method: 'PATCH', path: '/users/me', json: { name } };
  const { reply } = await asUser(site, { account, session }, ask);
  if (reply.status !== 200) {
    site.book.breach('a change was refused', { account, reply });
    return;
  }
  account.name = name;
  site.book.acknowledge('changes of a name');
  const token = session.accessToken;
  await askEach(site, { name: 'users/me', path: '/users/me', token, address: account.address }, (seen, url) => {
    if (site.book.expectationOf(token, seen.sentAt, seen.at) !== 'works') return;
    if (seen.body?.['name'] !== name) site.book.breach('a change is not to be seen', { url, seen, name });
  });
}

async function mistype(site: Site, account: Account): Promise<void> {
  const { reply } = await persist(site, { ...logIn({ ...account, password: 'wrong' }), name: 'wrong password' });
  if (reply.status !== 400 || reply.body?.['error'] !== 'invalid_grant')
    site.book.breach('a wrong password was not refused', { account, reply });
}

/** The set can be had whatever becomes of the database. */
async function readKeys(site: Site): Promise<void> {
  const ask: Ask = { name: 'jwks', path: '/.well-known/jwks.json', isWithoutDatabase: true };
  const answer = await site.send(site.entry(), ask);
  if (answer.kind !== 'reply') return;
  const keys = answer.body?.['keys'];
  if (answer.status !== 200 || !Array.isArray(keys) || keys.length === 0) site.book.breach('no key set', answer);
}

async function lookAtTheDead(site: Site): Promise<void> {
  const { dead } = site.book;
  const tokens = dead[Math.floor(Math.random() * dead.length)];
  if (tokens !== undefined) await expectDead(site, tokens);
}

async function revoke(site: Site, { address }: Account, token: string, what: string): Promise<Reply> {
  const ask: Ask = { name: 'revoke', method: 'POST', path: '/revoke', form: { token }, address };
  const { reply } = await persist(site, ask);
  if (reply.status !== 200) site.book.breach('a revocation was refused', { what, reply });
  site.book.acknowledge('revocations');
  return reply;
}

/** The session goes on without it. */
async function revokeAccessToken(site: Site, account: Account, session: Session): Promise<void> {
  const { accessToken } = session;
  const { sentAt, at } = await revoke(site, account, accessToken, 'access token');
  // Of one that has expired, or whose key is revoked, there is nothing to put on record.
  if (site.book.expectationOf(accessToken, sentAt, at) === 'works')
    await bury(site, { why: 'revoked by itself', accessToken });
  await refresh(site, account, session);
}

async function revokeRefreshToken(site: Site, account: Account, session: Session): Promise<void> {
  await revoke(site, account, session.refreshToken, 'refresh token');
  await buryAll(site, [session], 'its refresh token was revoked');
}

async function endSession(site: Site, account: Account, session: Session): Promise<void> {
  const ask: Ask = { name: 'end session', method: 'DELETE', path: `/users/me/sessions/${session.id}` };
  const { reply, isDoubtful } = await asUser(site, { account, session, isLast: true }, ask);
  if (isDoubtful) await revoke(site, account, session.refreshToken, 'refresh token');
  else if (reply.status !== 204) site.book.breach('a session could not be ended', { account, reply });
  site.book.acknowledge('ended sessions');
  await buryAll(site, [session], 'the session was ended');
}

/** Of the two who have it, one is a thief. */
async function reuseRefreshToken(site: Site, account: Account, session: Session): Promise<void> {
  const stolen = session.refreshToken;
  await refresh(site, account, session);
  if (!session.isEnded) await refresh(site, account, session);
  if (session.isEnded) return;
  const form = { grant_type: 'refresh_token', refresh_token: stolen };
  const { address } = account;
  const { reply } = await persist(site, { name: 'reuse', method: 'POST', path: '/token', form, address });
  if (reply.status !== 400) site.book.breach('a used refresh token was taken', { account, reply });
  site.book.acknowledge('ended sessions');
  await buryAll(site, [session], 'a used token came again');
}

async function endOthers(site: Site, account: Account, session: Session): Promise<void> {
  if ((await signIn(site, account)) === null) return;
  const ask: Ask = { name: 'end other sessions', method: 'DELETE', path: '/users/me/sessions' };
  const { reply } = await asUser(site, { account, session }, ask);
  if (reply.status !== 204) {
    site.book.breach('other sessions could not be ended', { account, reply });
    return;
  }
  const others = account.sessions.filter((each) => each !== session && !each.isEnded);
  site.book.acknowledge('ended sessions');
  await buryAll(site, others, 'all others were ended');
}

async function disable(site: Site, account: Account): Promise<void> {
  const setDisabled = async (disabled: boolean) => {
    const path = `/users/${account.id}`;
    if (disabled) account.disablings += 1;
    const { reply } = await asOperator(site, { name: 'disable', method: 'PATCH', path, json: { disabled } });
    if (reply.status !== 200 || reply.body?.['disabled'] !== disabled)
      site.book.breach('an account could not be disabled or enabled', { account, reply });
    account.state = disabled ? 'disabled' : 'enabled';
    if (!disabled) account.disablings += 1;
    site.book.acknowledge(disabled ? 'disabled accounts' : 'enabled accounts');
  };
  await setDisabled(true);
  await buryAll(site, account.sessions, 'the account was disabled');
  const { reply } = await persist(site, { ...logIn(account), name: 'log in, disabled' });
  if (reply.status !== 400) site.book.breach('a disabled account could sign in', { account, reply });
  if (Math.random() < 0.5) await setDisabled(false);
}

async function removeAccount(site: Site, account: Account, session: Session): Promise<void> {
  account.isLeaving = true;
  const ask: Ask = { name: 'delete account', method: 'DELETE', path: '/users/me' };
  const { reply, isDoubtful } = await asUser(site, { account, session, isLast: true }, ask);
  const isGone = reply.status === 204 || (isDoubtful && (await isUnknown(site, account)));
  if (!isGone) {
    if (!isDoubtful) site.book.breach('an account could not be deleted', { account, reply });
    account.isLeaving = false;
    return;
  }
  account.state = 'deleted';
  site.book.acknowledge('deleted accounts');
  await buryAll(site, account.sessions, 'the account was deleted');
}

async function isUnknown(site: Site, { id }: Account): Promise<boolean> {
  return (await asOperator(site, { name: 'read user', path: `/users/${id}` })).reply.status === 404;
}

async function buryAll(site: Site, sessions: readonly Session[], why: string): Promise<void> {
  for (const session of sessions) {
    if (session.isEnded) continue;
    session.isEnded = true;
    await bury(site, { why, accessToken: session.accessToken, refreshToken: session.refreshToken });
  }
}

async function bury(site: Site, tokens: Parameters<typeof expectDead>[1]): Promise<void> {
  site.book.dead.push(tokens);
  await expectDead(site, tokens);
}
