import type { Response } from 'supertest';
import { describe, expect, it } from 'vitest';
import { expectAlive, expectProblem, signIn } from '../../support/oauth.ts';
import { type Tessera, startTessera } from '../../support/tessera.ts';

/** A server whose only administrators are these. */
async function startWithAdministrators(count: number) {
  const tessera = await startTessera();
  const admins = [];
  for (let more = 0; more < count; more += 1) admins.push(await signIn(tessera, { roles: ['admin'] }));
  return { tessera, admins };
}

type Admin = Awaited<ReturnType<typeof signIn>>;

/** Every way in which one administrator may be removed by another, or by itself. */
const removals: Readonly<Record<string, (tessera: Tessera, by: Admin, id: string) => PromiseLike<Response>>> = {
  disabling: (tessera, { tokens }, id) =>
    tessera.bearer('patch', `/users/${id}`, tokens.access_token).send({ disabled: true }),
  demotion: (tessera, { tokens }, id) =>
    tessera.bearer('patch', `/users/${id}`, tokens.access_token).send({ roles: ['auditor'] }),
  both: (tessera, { tokens }, id) =>
    tessera.bearer('patch', `/users/${id}`, tokens.access_token).send({ disabled: true, roles: [] }),
  deletion: (tessera, { tokens }, id) => tessera.bearer('delete', `/users/${id}`, tokens.access_token),
};

async function countAdministrators({ database }: Tessera): Promise<number> {
  const users = await database.users.listUsers({ after: null, limit: 200 });
  return users.filter(({ roles, disabledAt }) => disabledAt === null && roles.includes('admin')).length;
}

describe('the last administrator', () => {
  it.for(Object.keys(removals))('stays: %s is refused with 409, and changes nothing', async (name) => {
    const { tessera, admins } = await startWithAdministrators(1);
    const [admin] = admins;
    if (admin === undefined) throw new Error('nobody');
    const before = await tessera.database.users.findUser(admin.id);
    const reply = await removals[name]?.(tessera, admin, admin.id);
    if (reply === undefined) throw new Error('no such removal');
    expectProblem(reply, 409);
    expect(reply.body).toMatchObject({ title: 'Conflict', detail: 'This is the last administrator.' });
    expect(await tessera.database.users.findUser(admin.id)).toEqual(before);
    await expectAlive(tessera, admin.tokens.access_token);
  });

  it('cannot delete itself either, as any other user can', async () => {
    const { tessera, admins } = await startWithAdministrators(1);
    const [{ tokens }] = admins as [Admin];
    expectProblem(await tessera.bearer('delete', '/users/me', tokens.access_token), 409);
    await expectAlive(tessera, tokens.access_token);
    const other = await signIn(tessera, { roles: ['admin'] });
    await tessera.bearer('delete', '/users/me', tokens.access_token).expect(204);
    expectProblem(await tessera.bearer('delete', '/users/me', other.tokens.access_token), 409);
  });

  it('is one also where others are disabled, or are no administrators any more', async () => {
    const { tessera, admins } = await startWithAdministrators(3);
    const [first, second, third] = admins as [Admin, Admin, Admin];
    await tessera
      .bearer('patch', `/users/${second.id}`, first.tokens.access_token)
      .send({ disabled: true })
      .expect(200);
    await tessera.bearer('patch', `/users/${third.id}`, first.tokens.access_token).send({ roles: [] }).expect(200);
    for (const remove of Object.values(removals)) expectProblem(await remove(tessera, first, first.id), 409);
    // Whoever is disabled already is nobody's last hope.
    await tessera.bearer('patch', `/users/${second.id}`, first.tokens.access_token).send({ roles: [] }).expect(200);
    expect(await countAdministrators(tessera)).toBe(1);
  });

  it('may get and lose other roles', async () => {
    const { tessera, admins } = await startWithAdministrators(1);
    const [{ id, tokens }] = admins as [Admin];
    const body = { roles: ['admin', 'auditor'] };
    await tessera.bearer('patch', `/users/${id}`, tokens.access_token).send(body).expect(200);
    await tessera
      .bearer('patch', `/users/${id}`, tokens.access_token)
      .send({ roles: ['admin'] })
      .expect(200);
  });
});

describe('administrators who remove each other at the same moment', () => {
  it.for(Object.keys(removals))('leave one, by %s', async (name) => {
    const remove = removals[name];
    if (remove === undefined) throw new Error('no such removal');
    for (let round = 0; round < 5; round += 1) {
      const { tessera, admins } = await startWithAdministrators(2);
      const [first, second] = admins as [Admin, Admin];
      const replies = await Promise.all([remove(tessera, first, second.id), remove(tessera, second, first.id)]);
      const statuses = replies.map(({ status }) => status);
      expect(statuses.filter((status) => status < 300)).toHaveLength(1);
      // The other was too late: nobody any more, without the scope, or told that it is the last.
      for (const status of statuses.filter((each) => each >= 300)) expect([401, 403, 409]).toContain(status);
      expect(await countAdministrators(tessera)).toBe(1);
    }
  });

  it('leave one of three, each removing the next', async () => {
    const { tessera, admins } = await startWithAdministrators(3);
    const [first, second, third] = admins as [Admin, Admin, Admin];
    const circle = [
      [first, second],
      [second, third],
      [third, first],
    ] as const;
    const remove = (by: Admin, { id }: Admin) => tessera.bearer('delete', `/users/${id}`, by.tokens.access_token);
    await Promise.all(circle.map(([by, target]) => remove(by, target)));
    expect(await countAdministrators(tessera)).toBeGreaterThanOrEqual(1);
  });
});
