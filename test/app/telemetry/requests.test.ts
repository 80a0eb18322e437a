import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished } from 'vitest';
import { it, startTessera } from '../../support/tessera.ts';
import { listen } from '../../support/wire.ts';
import { waitFor } from '../../support/wait.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;

type Line = Record<string, unknown>;

function linesOf(log: readonly string[]): Line[] {
  return log.map((line) => JSON.parse(line) as Line);
}

describe('the line of a request', () => {
  it('says the operation, the method, the status, how long it took and the id, and no more', async ({ tessera }) => {
    tessera.requestLog.length = 0;
    const body = (await tessera.request.get('/users/me?token=x').set('User-Agent', 'somebody').expect(401))
      .body as Line;
    const [line, ...others] = linesOf(tessera.requestLog);
    expect(others).toEqual([]);
    expect(line).toEqual<Line>({
      level: 30,
      time: expect.any(Number) as unknown,
      request_id: body['request_id'],
      operation: 'getCurrentUser',
      method: 'GET',
      status: 401,
      duration_ms: expect.any(Number) as unknown,
      msg: 'request',
    });
  });

  it.each([
    ['/nowhere/usr_somebody?a=b', 404],
    ['/docs', 200],
  ])('says "none" where there is no operation: %s', async (path, status) => {
    const tessera = await startTessera();
    await tessera.request.get(path).expect(status);
    expect(linesOf(tessera.requestLog)).toMatchObject([{ operation: 'none', status }]);
    expect(tessera.requestLog.join('')).not.toContain('somebody');
  });

  it('has an id of its own for each, and none of them is that of another at the same time', async ({ tessera }) => {
    tessera.requestLog.length = 0;
    const replies = await Promise.all(Array.from({ length: 20 }, () => tessera.request.get('/users/me')));
    const ids = replies.map(({ body }) => (body as { request_id: string }).request_id);
    expect(new Set(ids).size).toBe(20);
    expect(
      linesOf(tessera.requestLog)
        .map((line) => line['request_id'])
        .sort(),
    ).toEqual(ids.sort());
  });

  it('is not written of probes, nor of what verifiers fetch, but of their failures', async () => {
    const tessera = await startTessera();
    for (const path of ['/livez', '/readyz', '/.well-known/jwks.json', '/.well-known/oauth-authorization-server'])
      await tessera.request.get(path).expect(200);
    expect(tessera.requestLog).toEqual([]);
    await tessera.request.get('/.well-known/jwks.json').set('If-None-Match', 'x'.repeat(2000)).expect(400);
    expect(linesOf(tessera.requestLog)).toMatchObject([{ operation: 'getJwks', status: 400 }]);
  });

  it('tells of a client that went away', async () => {
    const goAway = new AbortController();
    const tessera = await startTessera({}, ({ stores }) => ({
      stores: {
        ...stores,
        users: {
          ...stores.users,
          findUserByUsername: async (key) => {
            goAway.abort();
            await sleep(50);
            return stores.users.findUserByUsername(key);
          },
        },
      },
    }));
    const { port, close } = await listen(tessera.app);
    onTestFinished(close);
    const body = new URLSearchParams({ grant_type: 'password', username: 'ada', password: 'correct horse battery' });
    await expect(
      fetch(`http://127.0.0.1:${port}/token`, { method: 'POST', body, signal: goAway.signal }),
    ).rejects.toThrow();
    await waitFor(() => {
      expect(linesOf(tessera.requestLog)).toMatchObject([{ operation: 'issueToken', status: null }]);
    });
  });
});

describe('a trace that a request is part of', () => {
  it('is named in its lines', async ({ tessera }) => {
    tessera.requestLog.length = 0;
    await tessera.request.get('/users/me').set('traceparent', traceparent).expect(401);
    expect(linesOf(tessera.requestLog)).toMatchObject([{ trace_id: traceId }]);
  });

  it.each([
    `ff${traceparent.slice(2)}`,
    traceparent.replace(traceId, '0'.repeat(32)),
    'x"},{"a',
    traceparent.toUpperCase(),
  ])('is not, when it does not say so in order: %s', async (header) => {
    const tessera = await startTessera();
    await tessera.request.get('/users/me').set('traceparent', header).expect(401);
    const [line] = linesOf(tessera.requestLog);
    expect(line).not.toHaveProperty('trace_id');
    expect(tessera.requestLog.join('')).not.toContain(header);
  });
});

describe('whatever is logged while a request is served', () => {
  it('has its id and its trace, however deep down it is logged and after whatever waiting', async () => {
    const tessera = await startTessera({}, ({ stores, log }) => ({
      stores: {
        ...stores,
        ping: async () => {
          await sleep(5 * Math.random());
          await stores.ping();
          setTimeout(() => {
            log.error({ from: 'a timer' }, 'deep');
          }, 1);
          await sleep(5);
          throw new Error('It is broken.');
        },
      },
    }));
    const ask = (place: number) =>
      tessera.request
        .get('/readyz')
        .set('traceparent', traceparent.replace(/.$/, String(place % 2)))
        .expect(503);
    const ids = (await Promise.all([1, 2, 3, 4].map(ask))).map(({ body }) => (body as Line)['request_id']);
    const lines = linesOf(tessera.log);
    for (const msg of ['deep', 'a request failed'])
      expect(
        lines
          .filter((line) => line['msg'] === msg)
          .map((line) => line['request_id'])
          .sort(),
      ).toEqual(ids.sort());
    expect(new Set(lines.map((line) => line['trace_id']))).toEqual(new Set([traceId]));
  });

  it('has the id that the description of an OAuth error names', async () => {
    const tessera = await startTessera({}, ({ stores }) => ({
      stores: { ...stores, users: { ...stores.users, findUserByUsername: () => Promise.reject(new Error('broken')) } },
    }));
    const form = { grant_type: 'password', username: 'ada', password: 'correct horse battery' };
    const body = (await tessera.form('/token', form).expect(500)).body as Line;
    const [failed] = linesOf(tessera.log);
    expect(body['error_description']).toContain(failed?.['request_id']);
    expect(linesOf(tessera.requestLog)).toMatchObject([{ request_id: failed?.['request_id'], status: 500 }]);
  });

  it('has no id when no request asked for it', async ({ tessera }) => {
    await tessera.keys.keyring.refresh();
    for (const line of linesOf(tessera.log)) expect(line).not.toHaveProperty('request_id');
  });
});
