import { generateKeyPairSync } from 'node:crypto';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TlsFault, readTlsPair } from '../../../src/http/listener/tls-pair.ts';
import { watchTlsPair } from '../../../src/http/listener/tls-watch.ts';
import { type Certificate, newCertificate } from '../../support/certificates.ts';

const now = Date.now() / 1000;
const hour = 3_600_000;

async function files({ cert, key }: Certificate, mode = 0o600) {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const paths = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  await writeFile(paths.certFile, cert);
  await writeFile(paths.keyFile, key);
  await chmod(paths.keyFile, mode);
  return paths;
}

/** The fault, in one line that holds nothing of the key. */
async function faultOf(pair: Certificate, mode?: number): Promise<string> {
  const fault: unknown = await readTlsPair(await files(pair, mode), now).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(TlsFault);
  const { message } = fault as TlsFault;
  expect(message).not.toContain('\n');
  const lines = pair.key.split('\n').filter((line) => line.length > 20 && !line.startsWith('-'));
  for (const line of lines) expect(message).not.toContain(line);
  return message;
}

describe('a certificate and its key', () => {
  it('are taken when they fit, of either kind, with a chain behind the certificate', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    for (const made of [newCertificate(), newCertificate({ keys: rsa })]) {
      const cert = made.cert + newCertificate().cert;
      const read = await readTlsPair(await files({ ...made, cert }), now);
      expect(read).toMatchObject({ cert, key: made.key });
      expect(Date.parse(read.expires)).toBeGreaterThan(now * 1000);
    }
  });

  it('are refused, in one line, when they cannot be used', async () => {
    const sound = newCertificate();
    const encrypted = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'secret',
    });
    const expired = newCertificate({ from: Date.now() - 2 * hour, to: Date.now() - hour });
    const early = newCertificate({ from: Date.now() + hour, to: Date.now() + 2 * hour });
    const short = newCertificate({ keys: generateKeyPairSync('rsa', { modulusLength: 1024 }) });
    expect(await faultOf({ ...sound, cert: 'none' })).toMatch(/^TLS_CERT_FILE: .*cert\.pem holds no certificate/);
    expect(await faultOf({ ...sound, cert: sound.key })).toMatch(/^TLS_CERT_FILE: .*holds no certificate/);
    expect(await faultOf({ ...sound, key: 'none' })).toMatch(/^TLS_KEY_FILE: .*key\.pem holds no private key/);
    expect(await faultOf({ ...sound, key: String(encrypted) })).toMatch(/^TLS_KEY_FILE: .*without a passphrase/);
    expect(await faultOf({ ...sound, key: newCertificate().key })).toMatch(/is not that of the certificate/);
    expect(await faultOf(expired)).toMatch(/^TLS_CERT_FILE: .*has expired \(20/);
    expect(await faultOf(early)).toMatch(/^TLS_CERT_FILE: .*is not valid before 20/);
    expect(await faultOf(short)).toMatch(/^TLS_CERT_FILE: OpenSSL refuses .*small/);
    expect(await faultOf({ ...sound, cert: `${sound.cert}-----BEGIN CERTIFICATE-----\nAAAA\n` })).toMatch(/OpenSSL/);
  });

  it('are refused when a file is not there', async () => {
    const paths = await files(newCertificate());
    await rm(paths.keyFile);
    await expect(readTlsPair(paths, now)).rejects.toThrow(/^TLS_KEY_FILE: .*key\.pem cannot be read \(ENOENT\)/);
    await rm(paths.certFile);
    await expect(readTlsPair(paths, now)).rejects.toThrow(/^TLS_CERT_FILE: .*cert\.pem cannot be read \(ENOENT\)/);
  });

  it('are refused when others may open the key; a group may, where root has given it the key', async () => {
    const asRoot = process.geteuid?.() === 0;
    for (const mode of [0o644, 0o604, 0o660, 0o602])
      expect(await faultOf(newCertificate(), mode)).toMatch(/open to others/);
    // What root owns a group may read; what belongs to somebody else, not.
    const given = readTlsPair(await files(newCertificate(), 0o640), now);
    if (asRoot) await expect(given).resolves.toBeDefined();
    else await expect(given).rejects.toThrow('open to others');
    if (!asRoot) return;
    const foreign = await files(newCertificate());
    await chown(foreign.keyFile, 4711, 4711);
    await expect(readTlsPair(foreign, now)).rejects.toThrow('belongs to another user (uid 4711)');
  });
});

describe('the look at the files', () => {
  async function watch() {
    const first = newCertificate();
    const paths = await files(first);
    const used: string[] = [];
    const logged: string[] = [];
    const write = (detail: object, message: string) => void logged.push(`${message} ${JSON.stringify(detail)}`);
    const watched = watchTlsPair(paths, await readTlsPair(paths, now), {
      apply: ({ cert }) => void used.push(cert),
      clock: () => Date.now() / 1000,
      log: { info: write, error: write },
      every: 3_600_000,
    });
    onTestFinished(() => {
      watched.close();
    });
    return { paths, first, used, logged, look: watched.look };
  }

  it('takes up another pair, once', async () => {
    const { paths, used, logged, look } = await watch();
    await look();
    expect({ used, logged }).toEqual({ used: [], logged: [] });
    const next = newCertificate();
    await writeFile(paths.certFile, next.cert);
    await writeFile(paths.keyFile, next.key);
    for (let n = 0; n < 3; n += 1) await look();
    expect(used).toEqual([next.cert]);
    expect(logged).toEqual([expect.stringMatching(/^tls-certificate-replaced \{"expires":"20/)]);
  });

  it('goes on with the pair from before while there is no other, and tells of a fault that stays, once', async () => {
    const { paths, used, logged, look } = await watch();
    const next = newCertificate();
    await writeFile(paths.certFile, next.cert);
    await look();
    expect(logged).toEqual([]);
    for (let n = 0; n < 3; n += 1) await look();
    expect(logged).toEqual([expect.stringMatching(/^tls-certificate-unusable .*is not that of the certificate/)]);
    await chmod(paths.keyFile, 0o644);
    for (let n = 0; n < 3; n += 1) await look();
    expect(logged[1]).toMatch(/open to others/);
    expect(logged).toHaveLength(2);
    expect(used).toEqual([]);
    await writeFile(paths.keyFile, next.key);
    await chmod(paths.keyFile, 0o600);
    await look();
    expect(used).toEqual([next.cert]);
  });
});
