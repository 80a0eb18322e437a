/** Limits of writes that have to wait, at two servers of one database: what is under way holds nothing, and loses nothing. */
import { expect, onTestFinished } from 'vitest';
import { openDatabase } from '../../src/database/open.ts';
import { policies } from '../../src/throttling/policies.ts';
import { statuses, times, useUp } from '../support/attempts.ts';
import { connectTo } from '../support/database.ts';
import { sessionOf, signIn } from '../support/oauth.ts';
import type { Tokens } from '../support/tessera.ts';
import { type Variant, it } from '../support/variant.ts';
import { waitFor } from '../support/wait.ts';

const end = ({ request }: Variant, { access_token }: Tokens, of: Tokens) =>
  request.delete(`/users/me/sessions/${sessionOf(of)}`).set('Authorization', `Bearer ${access_token}`);

it('a write that waits holds no try, and one whose connection dies half-way has taken none', async ({ variants }) => {
  const { id, username, tokens: thief } = await signIn(variants);
  const [owner, more, last] = [
    await variants.login(username),
    await variants.login(username),
    await variants.login(username),
  ];
  const stores = await openDatabase(variants.databaseUrl);
  onTestFinished(() => stores.close());
  const one = await variants.variant(() => ({ rateLimits: 'on' }));
  const two = await variants.variant(() => ({ rateLimits: 'on', stores }));
  await useUp(variants, { policy: policies.sessionEnd, of: [id] }, 298);

  // A transaction sees what others do as it was when it first looked.
  const [holder, watcher] = [await connectTo(variants.databaseUrl), await connectTo(variants.databaseUrl)];
  await holder.all('begin');
  await holder.all('select id from sessions where id = ? for update', sessionOf(more));
  const waiting = `select pid from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%"sessions"%for update%'`;
  const asked = times(3, 0).map(async () => end(one, thief, more));
  await waitFor(async () => (await watcher.all(waiting)).length === 3);
  await end(two, owner, thief).expect(204);

  await watcher.all(`select pg_terminate_backend(pid) from (${waiting}) as waiting`);
  expect(statuses(await Promise.all(asked))).toEqual(times(3, 503));
  await holder.all('rollback');
  await end(two, owner, more).expect(204);
  await end(two, owner, last).expect(429);
});
