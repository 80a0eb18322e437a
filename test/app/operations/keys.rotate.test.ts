import type { Response } from 'supertest';
import { describe, expect } from 'vitest';
import { toRfc3339 } from '../../../src/clock.ts';
import { newOperator, shortLife, passTime } from '../../support/key-operator.ts';
import { kidOf } from '../../support/jwks.ts';
import { expectAlive, expectProblem, signIn } from '../../support/oauth.ts';
import { it as withTessera, startTessera } from '../../support/tessera.ts';

/** How long after it was published every verifier knows a key: an hour, and what a clock may leave out. */
const known = 3600 + 1;

async function start() {
  const tessera = await startTessera(shortLife);
  const startedAt = tessera.clock();
  const moment = (seconds: number) => toRfc3339(startedAt + seconds);
  return { tessera, operator: await newOperator(tessera), at: moment };
}

function expectConflict(reply: Response, conflict: 'changed' | 'too_soon', retryAfter: number): void {
  expectProblem(reply, 409);
  expect(reply.body).toMatchObject({ title: 'Conflict', conflict, detail: expect.any(String) as string });
  expect(reply.headers['retry-after']).toBe(String(retryAfter));
}

/** Nothing to wait for: another try would find the same. */
function expectNotSigner(reply: Response, signer: string | undefined): void {
  expectProblem(reply, 409);
  expect(reply.body).toMatchObject({ title: 'Conflict', conflict: 'not_signer', signer });
  expect(reply.headers).not.toHaveProperty('retry-after');
}

describe('POST /keys/rotate', () => {
  const it = withTessera;

  it('waits until every verifier knows the standby: refused to the second before, done at that second', async () => {
    const { tessera, operator, at } = await start();
    const [first, second] = await operator.published();

    const early = await operator.rotate();
    expectConflict(early, 'too_soon', known);
    expect(early.body).toMatchObject({ safe_at: at(known), detail: expect.stringContaining(second ?? '') as string });
    tessera.clock.advance(known - 1);
    expectConflict(await operator.rotate(), 'too_soon', 1);
    expect((await operator.keyIn('active')).kid).toBe(first);

    tessera.clock.advance(1);
    const reply = await operator.rotate();
    expect(reply.status).toBe(200);
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(reply.body).toEqual({
      state: 'rotated',
      kid: second,
      previous_kid: first,
      previous_retires_by: expect.any(String) as string,
    });
    expect(await operator.keyIn('active')).toMatchObject({ kid: second, activates_at: at(known) });
    expect(await operator.keyIn('retiring')).toMatchObject({ kid: first, ended_at: at(known) });
    expect(await operator.published()).toHaveLength(3);
    expect(kidOf(await operator.token())).toBe(second);
  });

  it('lets no token stop working: the key before stays until they have expired, and is gone when it was said', async () => {
    const { tessera, operator } = await start();
    tessera.clock.advance(known);
    const { tokens } = await signIn(tessera);
    const reply = await operator.rotate();
    const { previous_kid: previous, previous_retires_by: by } = reply.body as Record<string, string>;
    expect(kidOf(tokens.access_token)).toBe(previous);

    await passTime(tessera, 899);
    await expectAlive(tessera, tokens.access_token);
    expect(await operator.published()).toContain(previous);
    const { retires_at } = await operator.keyIn('retiring');
    expect(Date.parse(retires_at ?? '')).toBeLessThanOrEqual(Date.parse(by ?? ''));
    await passTime(tessera, Date.parse(by ?? '') / 1000 - tessera.clock());
    expect(await operator.published()).not.toContain(previous);
  });

  it('does not wait when it is forced to', async () => {
    const { operator } = await start();
    const [first, second] = await operator.published();
    const reply = await operator.rotate({ force: true });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ kid: second, previous_kid: first });
    expectConflict(await operator.rotate({ force: false }), 'too_soon', known);
  });

  it('rotates only while the signer is the one that was named, so that it is safe to repeat', async () => {
    const { tessera, operator } = await start();
    tessera.clock.advance(known);
    const [signer = '', standby] = await operator.published();
    expectNotSigner(await operator.rotate({ signer: standby }), signer);
    expectNotSigner(await operator.rotate({ signer: 'unknown', force: true }), signer);
    expect((await operator.rotate({ signer })).body).toMatchObject({ kid: standby, previous_kid: signer });

    // The reply was lost, say.
    for (const repeated of [{ signer }, { signer, force: true }]) {
      const reply = await operator.rotate(repeated);
      expectNotSigner(reply, standby);
      expect(reply.body).not.toHaveProperty('safe_at');
    }
    expect((await operator.keyIn('active')).kid).toBe(standby);
  });

  it('happens once, however many ask for it at the same moment', async () => {
    const { tessera, operator } = await start();
    tessera.clock.advance(known);
    const [signer, standby] = await operator.published();
    const all = await Promise.all(Array.from({ length: 5 }, () => operator.rotate({ signer, force: true })));
    expect(all.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409]);
    for (const reply of all)
      if (reply.status === 409)
        expect(['changed', 'not_signer']).toContain((reply.body as { conflict: string }).conflict);
    expect((await operator.keyIn('active')).kid).toBe(standby);
  });

  it('takes no body, an empty one, and none of the members that may be left out', async ({ tessera }) => {
    const operator = await newOperator(tessera);
    for (const body of [undefined, {}, { force: false }, { reason: 'x' }])
      expectConflict(await operator.rotate(body), 'too_soon', 3601);
  });

  it.for([
    ['null', '/body'],
    ['[]', '/body'],
    ['"now"', '/body'],
    ['{"force":"yes"}', '/body/force'],
    ['{"force":null}', '/body/force'],
    ['{"signer":""}', '/body/signer'],
    ['{"signer":7}', '/body/signer'],
    ['{"signer":"é"}', '/body/signer'],
    ['{"reason":""}', '/body/reason'],
    ['{"reason":null}', '/body/reason'],
    ['{"reason":"line\\nbreak"}', '/body/reason'],
    ['{"reason":"\\ud800"}', '/body/reason'],
    [`{"reason":"${'x'.repeat(501)}"}`, '/body/reason'],
    ['{"kid":"x"}', '/body/kid'],
    ['{"__proto__":{"force":true}}', '/body/__proto__'],
  ])('refuses the body %s', async ([json = '', pointer], { tessera }) => {
    const operator = await newOperator(tessera);
    const before = await operator.published();
    const request = tessera
      .bearer('post', '/keys/rotate', await operator.token())
      .type('json')
      .send(json);
    expectProblem(await request, 400, pointer);
    expect(await operator.published()).toEqual(before);
  });
});
