/** Looks at tokens: that they work everywhere, or nowhere. */
import type { Account, DeadTokens, Session } from './book.ts';
import { type Site, askEach, newAddress } from './site.ts';

const refreshWith = (refresh_token: string) => ({
  name: 'refresh',
  method: 'POST' as const,
  path: '/token',
  form: { grant_type: 'refresh_token', refresh_token },
});

/** Both at a server that has not issued them, perhaps; by its key alone, an access token may be dead all the same. */
export async function expectAlive(site: Site, url: string, account: Account, { accessToken }: Session): Promise<void> {
  const { send, book, operator } = site;
  const path = '/users/me';
  const me = await send(url, { name: 'users/me', path, token: accessToken, address: account.address });
  if (me.kind === 'reply') {
    const expected = book.expectationOf(accessToken, me.sentAt, me.at);
    const isRight = me.status === 200 && me.body?.['id'] === account.id && me.body['name'] === account.name;
    if (expected === 'works' && !isRight) book.breach('a token that works was refused', { url, me, account });
    if (expected === 'refused' && me.status !== 401) book.breach('a token of a revoked key was taken', { url, me });
  }
  const form = { token: accessToken, ...operator };
  const seen = await send(url, { name: 'introspect', method: 'POST', path: '/introspect', form });
  if (seen.kind !== 'reply') return;
  const expected = book.expectationOf(accessToken, seen.sentAt, seen.at);
  const isActive = seen.status === 200 && seen.body?.['active'] === true && seen.body['sub'] === account.id;
  const isInactive = seen.status === 200 && seen.body?.['active'] === false;
  if (expected === 'works' && !isActive) book.breach('a token that works was called inactive', { url, seen, account });
  if (expected === 'refused' && !isInactive) book.breach('a token of a revoked key was called active', { url, seen });
}

/** At every server, from now on. */
export async function expectDead(site: Site, { why, accessToken, refreshToken }: DeadTokens): Promise<void> {
  const { book, operator } = site;
  const address = newAddress();
  await askEach(site, { name: 'users/me', path: '/users/me', token: accessToken, address }, (reply, url) => {
    if (reply.status !== 401) book.breach('a dead access token was taken', { why, url, reply });
  });
  const form = { token: accessToken, ...operator };
  await askEach(site, { name: 'introspect', method: 'POST', path: '/introspect', form, address }, (reply, url) => {
    if (reply.body?.['active'] !== false) book.breach('a dead access token was called active', { why, url, reply });
  });
  if (refreshToken === undefined) return;
  await askEach(site, { ...refreshWith(refreshToken), address }, (reply, url) => {
    if (reply.status !== 400 || reply.body?.['error'] !== 'invalid_grant')
      book.breach('a dead refresh token was taken', { why, url, reply });
  });
}
