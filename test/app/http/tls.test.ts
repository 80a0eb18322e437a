/** What the listener speaks over TLS, with each cipher suite that a client could come with. */
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { type TLSSocket, connect, getCiphers } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { limits, listen } from '../../../src/http/listener/listener.ts';
import { type Certificate, newCertificate } from '../../support/certificates.ts';
import { freePort } from '../../support/free-port.ts';
import { whenTestEnds } from '../../support/test-end.ts';
import { waitFor } from '../../support/wait.ts';

async function start({ cert, key }: Certificate, changes: Partial<typeof limits> = {}): Promise<number> {
  const port = await freePort();
  const settings = { host: '127.0.0.1', port, issuer: 'https://localhost', maxConnections: 1000 };
  const tls = { cert, key, expires: '' };
  const log = { warn: () => undefined };
  const listener = await listen((_, response) => response.end(), settings, {
    log,
    tls,
    limits: { ...limits, ...changes },
  });
  whenTestEnds(() => listener.drain({ grace: 0, linger: 0 }, () => undefined));
  return port;
}

/** What was agreed upon, as OpenSSL calls it; undefined where nothing was. */
async function agree(port: number, ciphers: string, version: 'TLSv1.2' | 'TLSv1.3'): Promise<string | undefined> {
  // OpenSSL looks for a suite of TLS 1.2 in any list.
  const offered = ciphers.startsWith('TLS_') ? `${ciphers}:ALL` : ciphers;
  const how = { ciphers: `${offered}:@SECLEVEL=0`, minVersion: version, maxVersion: version } as const;
  const socket: TLSSocket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...how });
  try {
    await once(socket, 'secureConnect');
    return socket.getCipher().name;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

const all = getCiphers().map((name) => name.toUpperCase());
const older = all.filter((name) => !name.startsWith('TLS_'));

it.each([
  ['ECDSA', newCertificate()],
  ['RSA', newCertificate({ keys: generateKeyPairSync('rsa', { modulusLength: 2048 }) })],
])('TLS 1.2 with forward secrecy and AEAD, and nothing else, under a certificate of %s', async (kind, certificate) => {
  const port = await start(certificate);
  const agreed: string[] = [];
  for (const name of older) if ((await agree(port, name, 'TLSv1.2')) !== undefined) agreed.push(name);
  const wanted = ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305'];
  expect(agreed.toSorted()).toEqual(wanted.map((name) => `ECDHE-${kind}-${name}`).toSorted());
  // There was something to refuse: RSA key exchange, CBC.
  expect(older).toEqual(expect.arrayContaining(['AES128-GCM-SHA256', `ECDHE-${kind}-AES128-SHA`]));
});

it('TLS 1.3, all of whose suites have both', async () => {
  const port = await start(newCertificate());
  for (const name of ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'])
    expect(await agree(port, name, 'TLSv1.3')).toBe(name);
});

describe('a session of TLS 1.2', () => {
  /** Whether the server went on with the session, and the one that it has given. */
  async function resume(port: number, session?: Buffer): Promise<{ isReused: boolean; session: Buffer | undefined }> {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2', session });
    await once(socket, 'secureConnect');
    const outcome = { isReused: socket.isSessionReused(), session: socket.getSession() };
    socket.destroy();
    return outcome;
  }

  it('may be resumed', async () => {
    const port = await start(newCertificate());
    const { session } = await resume(port);
    expect((await resume(port, session)).isReused).toBe(true);
  });

  it('is forgotten after a while, with the key that it could be read by', async () => {
    const port = await start(newCertificate(), { ticketKeyLifetime: 100 });
    const { session } = await resume(port);
    await waitFor(async () => !(await resume(port, session)).isReused, 20);
  });
});
