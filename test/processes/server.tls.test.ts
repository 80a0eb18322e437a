/** Tessera with a certificate of its own. */
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { Agent, get } from 'node:https';
import { connect } from 'node:net';
import { type TLSSocket, connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { type Certificate, newCertificate } from '../support/certificates.ts';
import { type Installation, newInstallation, portOf } from '../support/installation.ts';
import { run } from '../support/process.ts';
import { launchServer } from '../support/server-process.ts';
import { waitFor } from '../support/wait.ts';

async function newSecure(made: Certificate, environment: Record<string, string> = {}): Promise<Installation> {
  const installation = await newInstallation(environment);
  const { folder } = installation;
  // As Kubernetes has them: links to a folder that is itself a link, and is swapped.
  await put(folder, made, '1');
  for (const name of ['cert.pem', 'key.pem']) await symlink(`data-now/${name}`, `${folder}/${name}`);
  const tls = { TLS_CERT_FILE: `${folder}/cert.pem`, TLS_KEY_FILE: `${folder}/key.pem` };
  return {
    ...installation,
    url: installation.url.replace('http:', 'https:'),
    environment: { ...installation.environment, LOG_LEVEL: 'info', ...tls },
  };
}

async function put(folder: string, { cert, key }: Certificate, version: string): Promise<void> {
  await mkdir(`${folder}/v${version}`);
  await writeFile(`${folder}/v${version}/cert.pem`, cert);
  await writeFile(`${folder}/v${version}/key.pem`, key, { mode: 0o600 });
  await symlink(`v${version}`, `${folder}/data-next`);
  await rename(`${folder}/data-next`, `${folder}/data-now`);
}

/** Asks over a new connection; rejects when `ca` is not what the server shows. */
function ask(installation: Installation, path: string, options: { ca: string; agent?: Agent }): Promise<number> {
  return new Promise((resolve, reject) => {
    get(`${installation.url}${path}`, { agent: false, ...options }, (reply) => {
      reply.resume().on('end', () => {
        resolve(reply.statusCode ?? 0);
      });
    }).on('error', reject);
  });
}

describe.concurrent('a server with a certificate', () => {
  it('speaks TLS of 1.2 on, and nothing else, under an issuer of https', async () => {
    const { cert, key } = newCertificate();
    const installation = await newSecure({ cert, key });
    const server = launchServer(installation);
    await server.greeted;
    expect(server.printed.stdout).toContain(`Tessera  ${installation.url}\n`);
    expect(await ask(installation, '/readyz', { ca: cert })).toBe(200);
    const host = { port: portOf(installation), host: '127.0.0.1' };
    const spoken = async (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') => {
      // The client would take any, however weak.
      const only = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
      const socket: TLSSocket = connectTls({ ...host, ca: cert, ...only });
      const outcome = await once(socket, 'secureConnect').catch((error: unknown) => error as Error);
      const protocol = outcome instanceof Error ? 'refused' : socket.getProtocol();
      socket.destroy();
      return protocol;
    };
    expect(await spoken('TLSv1.1')).toBe('refused');
    expect(await spoken('TLSv1.2')).toBe('TLSv1.2');
    expect(await spoken('TLSv1.3')).toBe('TLSv1.3');

    // Other words end the connection, and are no news.
    for (const words of ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', '\x16\x03\x01\x00\x02xx', 'PRI * HTTP/2.0\r\n\r\n']) {
      const socket = connect(host);
      const received: Buffer[] = [];
      socket.on('data', (chunk) => received.push(chunk));
      socket.on('error', () => undefined);
      socket.write(words);
      await once(socket, 'close');
      expect(Buffer.concat(received).toString('latin1')).not.toContain('HTTP/1.1');
    }
    expect(await ask(installation, '/livez', { ca: cert })).toBe(200);
    server.child.kill('SIGTERM');
    expect(await server.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('takes up another one while it serves, without dropping a connection, and stays with it while the next is faulty', async () => {
    const [first, second] = [newCertificate(), newCertificate()];
    const installation = await newSecure(first);
    const server = launchServer(installation);
    await server.greeted;
    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    kept.on('free', (socket: { localPort?: number }) => ports.add(socket.localPort));
    expect(await ask(installation, '/livez', { ca: first.cert, agent: kept })).toBe(200);

    await put(installation.folder, second, '2');
    const isNew = () =>
      ask(installation, '/livez', { ca: second.cert }).then(
        () => true,
        () => false,
      );
    await waitFor(isNew);
    await expect(ask(installation, '/livez', { ca: first.cert })).rejects.toThrow('self-signed');
    expect(await ask(installation, '/livez', { ca: first.cert, agent: kept })).toBe(200);
    expect(ports.size).toBe(1);

    await put(installation.folder, { cert: first.cert, key: newCertificate().key }, '3');
    // A signal has it look at once; of a fault it tells when that is still there at the next look.
    server.child.kill('SIGHUP');
    await waitFor(() => server.printed.stderr.includes('tls-certificate-unusable'));
    expect(await isNew()).toBe(true);
    await put(installation.folder, first, '4');
    server.child.kill('SIGHUP');
    const isOld = () =>
      ask(installation, '/livez', { ca: first.cert }).then(
        () => true,
        () => false,
      );
    // Its own look would come after three.
    await waitFor(isOld, 2);
    expect(server.printed.stderr).not.toContain('PRIVATE');
    kept.destroy();
  });

  it('does not start with what cannot be used, and says why in a line', async () => {
    const sound = newCertificate();
    const expired = await newSecure(newCertificate({ from: 0, to: Date.now() - 1000 }));
    const mismatched = await newSecure({ cert: sound.cert, key: newCertificate().key });
    const missing = await newSecure(sound);
    missing.environment['TLS_KEY_FILE'] = `${missing.folder}/none.pem`;
    const lonely = await newInstallation({ TLS_CERT_FILE: 'cert.pem' });
    const workers = await newSecure({ cert: sound.cert, key: newCertificate().key }, { WORKERS: '2' });
    const all = [expired, mismatched, missing, lonely, workers];
    const ends = await Promise.all(all.map((each) => run('src/main.ts', [], each)));
    expect(ends.map(({ code, stdout }) => ({ code, stdout }))).toEqual(all.map(() => ({ code: 1, stdout: '' })));
    const said = ends.map(({ stderr }) => stderr.trim());
    expect(said[0]).toMatch(/^TLS_CERT_FILE: the certificate in .* has expired .*$/);
    expect(said[1]).toMatch(/^TLS_CERT_FILE, TLS_KEY_FILE: the key in .* is not that of the certificate.*$/);
    expect(said[2]).toMatch(/^TLS_KEY_FILE: .*none\.pem cannot be read \(ENOENT\)\.$/);
    expect(said[3]).toMatch(/TLS_CERT_FILE, TLS_KEY_FILE: expected both or neither/);
    expect(said[4]).toMatch(/^TLS_CERT_FILE, TLS_KEY_FILE: the key in .* is not that of the certificate.*$/);
  });

  it('serves with workers, all with the same certificate', async () => {
    const { cert, key } = newCertificate();
    const installation = await newSecure({ cert, key }, { WORKERS: '2' });
    const server = launchServer(installation);
    await server.greeted;
    const statuses = await Promise.all(Array.from({ length: 10 }, () => ask(installation, '/readyz', { ca: cert })));
    expect(statuses).toEqual(Array(10).fill(200));
    server.child.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
  });
});
