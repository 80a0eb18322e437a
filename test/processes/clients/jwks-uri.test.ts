/** A server in production, and a client that publishes its keys by https on this machine. */
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { newCertificate } from '../../support/certificates.ts';
import { assertionType, newKeyPair } from '../../support/clients.ts';
import { runCommand } from '../../support/command.ts';
import { newInstallation } from '../../support/installation.ts';
import { startServer } from '../../support/server-process.ts';
import { whenTestEnds } from '../../support/test-end.ts';
import { waitFor } from '../../support/wait.ts';

const issuer = 'https://tokens.example.com';
const pair = newKeyPair('ES256', 'one');

/** Serves the key set, and counts whoever connects, whether or not it gets as far as a request. */
async function publish() {
  const certificate = newCertificate();
  let connections = 0;
  const server = createServer(certificate, (_, response) => response.end(JSON.stringify({ keys: [pair.jwk] })));
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  whenTestEnds(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, cert: certificate.cert, count: () => connections };
}

/** A server in production, and what it answers to an assertion of a client that publishes at `host`. */
async function start(settings: Record<string, string> = {}) {
  const published = await publish();
  const installation = await newInstallation({
    NODE_ENV: 'production',
    ISSUER: issuer,
    KEY_BESIDE_DATABASE: 'allow',
    RATE_LIMITS: 'on',
    SHUTDOWN_DELAY: '0s',
    ...settings,
  });
  const authority = join(installation.folder, 'authority.pem');
  await writeFile(authority, published.cert);
  Object.assign(installation.environment, { NODE_EXTRA_CA_CERTS: authority });
  const server = await startServer(installation);

  async function present(host: string): Promise<{ status: number; text: string }> {
    const uri = `https://${host}:${published.port}/jwks`;
    const args = ['--name', 'x', '--scope', 'orders:read', '--auth-method', 'private_key_jwt', '--jwks-uri', uri];
    const { stdout } = await runCommand('clients', ['create', ...args, '--json'], installation);
    const { client_id: id } = JSON.parse(stdout) as { client_id: string };
    const assertion = await new SignJWT({ iss: id, sub: id, aud: issuer, jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setIssuedAt()
      .setExpirationTime('60s')
      .sign(pair.privateKey);
    const credentials = { client_assertion_type: assertionType, client_assertion: assertion };
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...credentials });
    const reply = await fetch(`${installation.url}/token`, { method: 'POST', body });
    return { status: reply.status, text: await reply.text() };
  }
  return { present, connections: published.count, printed: server.printed };
}

describe.concurrent('in production', () => {
  it('a jwks_uri on this machine is not even connected to, by name or by address', async () => {
    const { present, connections, printed } = await start({ JWKS_URI_ALLOW: 'keys.example.com, 10.0.0.0/8' });
    for (const host of ['localhost', '127.0.0.1']) {
      const { status, text } = await present(host);
      expect(status).toBe(503);
      expect(JSON.parse(text)).toMatchObject({ error: 'temporarily_unavailable' });
      expect(text).not.toContain(host);
      await waitFor(() => printed.stderr.includes(`${host} has no public address; JWKS_URI_ALLOW names`));
    }
    expect(connections()).toBe(0);
  });

  it('one that is allowed is followed, by the name that stands in it or by its address', async () => {
    const { present, connections } = await start({ JWKS_URI_ALLOW: 'localhost, 127.0.0.0/31' });
    for (const host of ['localhost', '127.0.0.1']) expect(await present(host)).toMatchObject({ status: 200 });
    expect(connections()).toBe(2);
  });
});
