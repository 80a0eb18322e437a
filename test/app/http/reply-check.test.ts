import { beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../../src/generated/routes.ts';
import { type CheckReply, replyChecker } from '../../../src/http/reply/reply-check.ts';
import type { ReplyShape } from '../../../src/http/route.ts';
import { contract } from '../../support/tessera.ts';

let check: CheckReply;
beforeAll(async () => {
  check = replyChecker((await contract()).document, {});
});

const user = {
  id: 'usr_Zm9vYmFyYmF6cXV4MTIzNA',
  username: 'ada',
  name: null,
  roles: [],
  created_at: '2026-09-21T14:13:20Z',
  updated_at: '2026-09-21T14:13:20Z',
};
const read: ReplyShape = routes.operations.getCurrentUser.replies['200'];
const unavailable: ReplyShape = routes.operations.getCurrentUser.replies['503'];
const gone: ReplyShape = routes.operations.deleteCurrentUser.replies['204'];
const headers = { 'Cache-Control': 'no-store' };

describe('the check of a reply', () => {
  it('finds nothing in one that keeps the contract', () => {
    expect(check({ status: 200, headers, body: user }, read)).toEqual([]);
    expect(check({ status: 204, headers, body: undefined }, gone)).toEqual([]);
  });

  it('finds a status that is not declared', () => {
    expect(check({ status: 418, headers, body: user }, undefined)).toEqual(['status 418 is not declared']);
  });

  it('finds a header that is not declared', () => {
    const more = { ...headers, 'X-Debug': 'secret' };
    expect(check({ status: 200, headers: more, body: user }, read)).toEqual(['header X-Debug is not declared']);
  });

  it('finds a header that is missing', () => {
    expect(check({ status: 200, headers: {}, body: user }, read)).toEqual(['header Cache-Control is missing']);
  });

  it('finds a value that a header may not have', () => {
    const fault = 'header Cache-Control has a value that is not declared';
    expect(check({ status: 200, headers: { 'Cache-Control': 'public' }, body: user }, read)).toEqual([fault]);
    const body = { type: 'about:blank', title: 'x', status: 503, request_id: '7d5f4bb0-6a2e-4c39-9d52-3d1f1b1b7f0e' };
    const soon = { ...headers, 'Retry-After': 'soon' };
    expect(check({ status: 503, headers: { ...headers, 'Retry-After': '1' }, body }, unavailable)).toEqual([]);
    expect(check({ status: 503, headers: soon, body }, unavailable)).toEqual([
      'header Retry-After has a value that is not declared',
    ]);
  });

  it('holds every reply to the headers that each must have, those of its own aside', async () => {
    const { everyReply } = routes;
    const checkAll = replyChecker((await contract()).document, everyReply);
    const all = Object.fromEntries(Object.entries(everyReply).map(([name, { value }]) => [name, value]));
    const faultsOf = (more: Record<string, string>) =>
      checkAll({ status: 200, headers: { ...headers, ...all, ...more }, body: user }, read);
    expect(faultsOf({})).toEqual([]);
    for (const [name, { required }] of Object.entries(everyReply)) {
      expect(faultsOf({ [name]: 'x' })).toEqual([`header ${name} has a value that is not declared`]);
      const { [name]: left, ...others } = all;
      expect(left).toBeDefined();
      const faults = checkAll({ status: 200, headers: { ...headers, ...others }, body: user }, read);
      expect(faults).toEqual(required ? [`header ${name} is missing`] : []);
    }
  });

  it('finds a body that is missing, or that should not be there', () => {
    expect(check({ status: 200, headers, body: undefined }, read)).toEqual(['the body is missing']);
    expect(check({ status: 204, headers, body: user }, gone)).toEqual(['a body is not declared']);
  });

  const wrong: Record<string, object> = {
    '/id': { ...user, id: 'x' },
    '/roles/0': { ...user, roles: ['root'] },
    '/created_at': { ...user, created_at: '2026-09-21' },
    ' must NOT have additional': { ...user, password_hash: '$argon2id$' },
    " must have required property 'name'": { ...user, name: undefined },
  };

  it.each(Object.keys(wrong))('finds what is wrong in a body, and where: %s', (where) => {
    const [fault, ...more] = check({ status: 200, headers, body: wrong[where] }, read);
    expect(fault).toContain(`body${where}`);
    expect(more).toEqual([]);
  });

  it('never repeats a value, which may be a secret', () => {
    for (const body of Object.values(wrong)) {
      const faults = check({ status: 200, headers: { ...headers, 'X-Debug': 'secret' }, body }, read).join(' ');
      expect(faults).not.toMatch(/secret|argon2id|root|2026/);
    }
  });

  it('looks at a frozen body once for each shape, and never takes a wrong one for checked', () => {
    const good = Object.freeze({ ...user });
    const bad = Object.freeze({ ...user, id: 'x' });
    for (let round = 0; round < 3; round += 1) {
      expect(check({ status: 200, headers, body: good }, read)).toEqual([]);
      expect(check({ status: 200, headers, body: bad }, read)).toHaveLength(1);
      expect(check({ status: 503, headers: { ...headers, 'Retry-After': '1' }, body: good }, unavailable)).toHaveLength(
        1,
      );
      expect(check({ status: 200, headers: {}, body: good }, read)).toEqual(['header Cache-Control is missing']);
    }
  });

  it('can look at every schema of the contract', () => {
    for (const [id, route] of Object.entries(routes.operations)) {
      for (const [status, shape] of Object.entries(route.replies as Record<string, ReplyShape>)) {
        const faults = check({ status: Number(status), headers: {}, body: Symbol('nothing') }, shape);
        expect({ id, status, faults }).toMatchObject({ faults: expect.not.arrayContaining([undefined]) as unknown });
      }
    }
  });
});
