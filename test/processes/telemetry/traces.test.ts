import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { newInstallation } from '../../support/installation.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { startCollector } from '../../support/telemetry/otlp-collector.ts';
import { whenTestEnds } from '../../support/test-end.ts';
import { waitFor } from '../../support/wait.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';
const secret = 'MARKEDSECRET';

async function start(environment: Record<string, string>): Promise<{ url: string; server: ServerProcess }> {
  const installation = await newInstallation({ LOG_LEVEL: 'info', ...environment });
  const server = await startServer(installation);
  return { url: installation.url, server };
}

async function end({ child, ended }: ServerProcess): Promise<{ code: number | null; took: number }> {
  const began = performance.now();
  child.kill('SIGTERM');
  const { code } = await ended;
  return { code, took: performance.now() - began };
}

async function collect(status?: number) {
  const collector = await startCollector(status);
  whenTestEnds(collector.close);
  return collector;
}

describe.concurrent('traces', () => {
  it('are spans named by operation, part of the trace of who asked, sent when the server ends at the latest', async () => {
    const collector = await collect();
    const { url, server } = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=ours',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    const headers = { traceparent: `00-${traceId}-${parentId}-01`, tracestate: 'vendor=opaque' };
    await fetch(`${url}/users/me?token=${secret}`, { headers: { ...headers, Authorization: `Bearer ${secret}` } });
    await fetch(`${url}/users/usr_${secret}`, { headers: { traceparent: `ff-${traceId}-${parentId}-01` } });
    await fetch(`${url}/nowhere/${secret}`);
    const wrong = { grant_type: 'password', username: secret, password: secret };
    await fetch(`${url}/token`, { method: 'POST', body: new URLSearchParams(wrong) });
    expect((await end(server)).code).toBe(0);

    // The first span is of the request that the server was found to serve by.
    const [, me, user, nowhere, token, ...others] = collector.spans;
    expect(others).toEqual([]);
    expect(me).toMatchObject({
      name: 'getCurrentUser',
      kind: 2,
      traceId,
      parentSpanId: parentId,
      traceState: 'vendor=opaque',
    });
    expect(me?.attributes).toEqual({
      'http.request.method': 'GET',
      'url.scheme': 'http',
      'http.route': '/users/me',
      'http.response.status_code': 401,
    });
    expect(user).toMatchObject({ name: 'getUser', parentSpanId: '', status: 0 });
    expect(user?.traceId).not.toBe(traceId);
    expect(user?.attributes['http.route']).toBe('/users/{userId}');
    expect(nowhere).toMatchObject({ name: 'GET', attributes: { 'http.response.status_code': 404 } });
    expect(token).toMatchObject({ name: 'issueToken', attributes: { 'http.response.status_code': 400 } });
    expect(collector.resources[0]).toMatchObject({ 'service.name': 'tessera', 'deployment.environment.name': 'test' });
    expect(collector.requests[0]).toMatchObject({
      url: '/v1/traces',
      headers: { 'content-type': 'application/x-protobuf', 'x-tenant': 'ours' },
    });
    for (const { body } of collector.requests) expect(body.toString('latin1')).not.toContain(secret);
    // Lines and spans are of the same trace.
    expect(server.printed.stderr).toContain(`"trace_id":"${user?.traceId ?? ''}"`);
  });

  it('tell of what failed, by the status alone', async () => {
    const collector = await collect();
    const { url, server } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, SHUTDOWN_DELAY: '3s' });
    const goodbye = end(server);
    await waitFor(async () => (await fetch(`${url}/readyz`)).status === 503);
    expect((await goodbye).code).toBe(0);
    const failed = collector.spans.filter(({ status }) => status === 2);
    expect(failed.at(-1)).toMatchObject({
      name: 'getReadiness',
      attributes: { 'error.type': '503', 'http.response.status_code': 503 },
    });
  });

  it('are kept or not as a trusted proxy has decided, and a share of the others', async () => {
    const collector = await collect();
    const { url, server } = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_TRACES_SAMPLER_ARG: '0',
      TRUST_PROXY: 'loopback',
    });
    for (const flags of ['00', '01'])
      await fetch(`${url}/users/me`, { headers: { traceparent: `00-${traceId}-${parentId}-${flags}` } });
    await fetch(`${url}/users/me`);
    await end(server);
    expect(collector.spans).toMatchObject([{ traceId, name: 'getCurrentUser' }]);
  });

  it.each([
    ['0', 0],
    ['1', 2],
  ])('are not recorded because somebody else wants it, nor left out, with a share of %s', async (share, recorded) => {
    const collector = await collect();
    // Another proxy is trusted, but not who asks.
    const { url, server } = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_TRACES_SAMPLER_ARG: share,
      TRUST_PROXY: '10.0.0.1',
    });
    for (const flags of ['00', '01'])
      await fetch(`${url}/users/me`, { headers: { traceparent: `00-${traceId}-${parentId}-${flags}` } });
    await end(server);
    const spans = collector.spans.filter(({ name }) => name === 'getCurrentUser');
    expect(spans.map((span) => span.traceId)).toEqual(Array(recorded).fill(traceId));
  });

  it('are not made where nobody asks for them', async () => {
    const { url, server } = await start({});
    await fetch(`${url}/users/me`);
    await end(server);
    expect(server.printed.stderr).toMatch(/"operation":"getCurrentUser"/);
    expect(server.printed.stderr).not.toContain('trace_id');
  });
});

describe('a collector that is away', () => {
  it.each([
    ['refuses connections', async () => `http://127.0.0.1:${await freePort()}`],
    ['refuses what it is sent', async () => (await collect(500)).url],
    [
      'does not answer',
      async () => {
        const server = createServer(() => undefined).listen(0, '127.0.0.1');
        whenTestEnds(() => void server.close());
        await once(server, 'listening');
        return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
      },
    ],
  ])('harms nothing, and keeps the server from its end for three seconds at most: it %s', async (_, place) => {
    const { url, server } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: await place() });
    const replies = await Promise.all(Array.from({ length: 600 }, () => fetch(`${url}/.well-known/jwks.json`)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    const { code, took } = await end(server);
    expect(code).toBe(0);
    expect(took).toBeLessThan(8000);
    const warnings = server.printed.stderr.split('\n').filter((line) => line.includes('traces-not-delivered'));
    expect(warnings.length).toBeLessThanOrEqual(1);
    expect(server.printed.stderr).not.toMatch(/"level":[56]0/);
  });
});
