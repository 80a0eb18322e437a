/** deploy/nginx/nginx.conf, run: it says where a request came from, passes over a server that is away, and says when all are. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { json } from 'node:stream/consumers';
import { newCertificate } from '../support/certificates.ts';
import { freePort } from '../support/free-port.ts';
import { requestToken } from '../support/jwks.ts';
import { startNginx } from '../support/nginx.ts';
import type { Check } from './check.ts';
import { withServers } from './server.ts';

const example = new URL('../../deploy/nginx/nginx.conf', import.meta.url);

/** What an issuer with a path needs of nginx, and of the servers. */
const arrangements = [
  { name: 'takes the path of an issuer off', pass: 'http://tessera/;', settings: {} },
  { name: 'leaves the path of an issuer on', pass: 'http://tessera;', settings: { BASE_PATH: '/auth' } },
];

export const pathChecks: readonly Check[] = arrangements.map(({ name, pass, settings }) => ({
  name: `deploy/nginx/nginx.conf ${name}, and a client finds all from the issuer alone`,
  needs: 'nginx',
  probe: ['-v'],
  run: (nginx) =>
    withServers(
      1,
      async ({ servers, folder, client }) => {
        const { cert, key } = newCertificate();
        await writeFile(`${folder}/tls.crt`, cert);
        await writeFile(`${folder}/tls.key`, key);
        const port = await freePort();
        const { host } = new URL(servers[0]?.url ?? '');
        const text = belowPath(await readFile(example, 'utf8'), pass);
        const proxy = await startNginx(nginx, port, (own) =>
          place(text, { port, hosts: [host, host], secrets: folder, own }),
        );
        try {
          const ask = askAt(port, cert);
          const path = (url: unknown) => String(url).replace('https://example.com', '');
          for (const at of [
            '/.well-known/oauth-authorization-server/auth',
            '/auth/.well-known/oauth-authorization-server',
          ]) {
            const { status, body } = await ask(at);
            const metadata = body as Record<string, unknown>;
            assert.deepEqual([status, metadata['issuer']], [200, 'https://example.com/auth']);
            assert.equal(metadata['token_endpoint'], 'https://example.com/auth/token');
            assert.equal((await ask(path(metadata['jwks_uri']))).status, 200);
          }
          const account = { username: 'ada', password: 'correct horse battery' };
          const { status, headers } = await ask('/auth/users', account);
          assert.deepEqual([status, headers['location']], [201, '/auth/users/me']);
          assert.equal((await ask(path(headers['location']))).status, 401);
          assert.equal((await ask('/users/me').catch(() => undefined))?.status ?? 404, 404);
          assert.ok(client.client_id);
        } finally {
          await proxy.close();
        }
      },
      { ISSUER: 'https://example.com/auth', ...settings },
    ),
}));

/** The example, with the locations for an issuer with a path in place of the one for all. */
function belowPath(text: string, pass: string): string {
  const own = text.replace(/^ {4}location \/ \{\n.*\n {4}\}\n/m, '');
  const changed = own
    .replace(/^ {4}# (location \S.*\{.*|  proxy_pass .*|\})$/gm, '    $1')
    .replace('http://tessera/;', pass);
  assert.equal(changed.match(/^ {4}location .*auth/gm)?.length, 2);
  return changed;
}

export const nginxCheck: Check = {
  name: 'deploy/nginx/nginx.conf reports the true address of a client, and bears with servers that are away',
  needs: 'nginx',
  probe: ['-v'],
  run: (nginx) =>
    withServers(2, async ({ servers, folder, client }) => {
      const { cert, key } = newCertificate();
      await writeFile(`${folder}/tls.crt`, cert);
      await writeFile(`${folder}/tls.key`, key);
      const port = await freePort();
      const hosts = servers.map(({ url }) => new URL(url).host);
      const text = await readFile(example, 'utf8');
      const proxy = await startNginx(nginx, port, (own) => place(text, { port, hosts, secrets: folder, own }));
      try {
        const ask = askAt(port, cert);
        const registered = await ask('/users', { username: 'ada', password: 'correct horse battery' });
        assert.equal(registered.status, 201);
        assert.equal(await addressOfRegistration(servers[0]?.url ?? '', client), '127.0.0.2');

        await servers[0]?.kill();
        const replies = [await ask('/livez'), await ask('/livez'), await ask('/livez')];
        assert.deepEqual(
          replies.map(({ status }) => status),
          [200, 200, 200],
        );

        await servers[1]?.kill();
        const { status, headers, body } = await ask('/livez');
        assert.deepEqual(
          [status, headers['retry-after'], headers['content-type']],
          [503, '1', 'application/problem+json'],
        );
        assert.deepEqual(body, { type: 'about:blank', title: 'Service Unavailable', status: 503 });
        assert.deepEqual([headers['vary'], headers['access-control-allow-origin']], [undefined, '*']);
      } finally {
        await proxy.close();
      }
    }),
};

type Places = {
  readonly port: number;
  readonly hosts: readonly string[];
  readonly secrets: string;
  readonly own: string;
};

/** The example, but for where things are. */
function place(text: string, { port, hosts, secrets, own }: Places): string {
  const changes: [from: string, to: string][] = [
    ['listen 8443 ', `listen 127.0.0.1:${port} `],
    ['server tessera-1:8080 ', `server ${hosts[0] ?? ''} `],
    ['server tessera-2:8080 ', `server ${hosts[1] ?? ''} `],
    [' /tmp/', ` ${own}/`],
    [' /run/secrets/', ` ${secrets}/`],
  ];
  return changes.reduce((changed, [from, to]) => {
    assert.ok(changed.includes(from), `the example has no "${from}"`);
    return changed.replaceAll(from, to);
  }, text);
}

type Reply = { status: number | undefined; headers: Record<string, unknown>; body: unknown };

/** As a client at 127.0.0.2, which claims to be elsewhere. GET, or POST where there is a body. */
function askAt(port: number, ca: string) {
  return (path: string, body?: object) =>
    new Promise<Reply>((resolve, reject) => {
      const asked = request({
        host: '127.0.0.1',
        port,
        path,
        ca,
        servername: 'localhost',
        localAddress: '127.0.0.2',
        method: body ? 'POST' : 'GET',
        headers: { 'X-Forwarded-For': '203.0.113.9', ...(body && { 'Content-Type': 'application/json' }) },
      });
      asked.on('response', (response) => {
        const { statusCode: status, headers } = response;
        json(response).then((parsed) => {
          resolve({ status, headers, body: parsed });
        }, reject);
      });
      asked.on('error', reject).end(body && JSON.stringify(body));
    });
}

async function addressOfRegistration(url: string, client: Parameters<typeof requestToken>[1]): Promise<unknown> {
  const headers = { Authorization: `Bearer ${await requestToken(url, client)}` };
  const reply = await fetch(`${url}/audit-events?type=user.registered`, { headers });
  const { events } = (await reply.json()) as { events: { address: unknown }[] };
  assert.equal(events.length, 1);
  return events[0]?.address;
}
