import { createPrivateKey } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseKeyEncryptionKey } from '../../../src/keys/sealing/key-encryption-key.ts';
import { unsealPrivateKey } from '../../../src/keys/sealing/seal.ts';
import { jwkOf, newEc, newEd25519, newRsa, pemOf } from '../../support/keys/key-material.ts';
import { dump, query } from '../../support/installed-data.ts';
import { runCommand } from '../../support/command.ts';
import type { Installation } from '../../support/installation.ts';
import type { Finished } from '../../support/process.ts';
import { usedInstallation } from '../../support/used-installation.ts';

const rsa = newRsa();
const ec = newEc();

const importFromInput = (installation: Installation, text: string, ...args: string[]): Promise<Finished> =>
  runCommand('keys', ['import', '-', ...args], installation, text);
const importFile = (installation: Installation, ...args: string[]) =>
  runCommand('keys', ['import', ...args], installation);

async function writeKey({ folder }: Installation, text: string): Promise<string> {
  const file = join(folder, 'old.pem');
  await writeFile(file, text);
  return file;
}

const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string;

/** Nothing of the key may be said: no piece of it that is long enough to be no word. */
function expectNothingSaid({ stdout, stderr }: Finished, text: string): void {
  for (const piece of text.match(/[\w+/-]{12,}/g) ?? []) expect(stdout + stderr).not.toContain(piece.slice(0, 12));
}

describe('npm run keys -- import', () => {
  it('takes a private key in PEM as a standby, and seals it', async () => {
    const installation = await usedInstallation();
    const file = await writeKey(installation, pemOf(rsa.privateKey, 'pkcs1'));
    const args = [file, '--kid', 'legacy-2025', '--reason', 'we are moving', '--json'];
    const ended = await runCommand('keys', ['import', ...args], installation);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const view = { kid: 'legacy-2025', state: 'standby', activates_at: moment };
    expect(JSON.parse(ended.stdout)).toEqual({ keys: [view] });
    expectNothingSaid(ended, pemOf(rsa.privateKey, 'pkcs1'));

    const [, , stored] = dump(installation)['signing_keys'] ?? [];
    expect(stored).toMatchObject({ kid: 'legacy-2025', alg: 'RS256' });
    const publicJwk = { ...jwkOf(rsa.publicKey), kid: 'legacy-2025', alg: 'RS256', use: 'sig' };
    expect(JSON.parse(String(stored?.['public_jwk']))).toEqual(publicJwk);
    const kekFile = join(installation.folder, 'keys', 'key-encryption-key');
    const kek = parseKeyEncryptionKey(await readFile(kekFile, 'utf8'), kekFile);
    const opened = unsealPrivateKey([kek], 'legacy-2025', String(stored?.['sealed_private_key']));
    expect(jwkOf(createPrivateKey(opened))).toEqual(jwkOf(rsa.privateKey));
    const event = query(installation, "select * from audit_events where type = 'key.imported'");
    expect(event).toMatchObject([{ subject: 'legacy-2025', reason: 'we are moving' }]);

    // A second time, under whatever name, nothing happens.
    const before = dump(installation);
    for (const args of [
      ['--kid', 'legacy-2025'],
      ['--kid', 'again', '--verify-only'],
    ]) {
      const again = await importFile(installation, file, ...args);
      const saying = `${args[1] ?? ''}: this key, or another of this kid, is there already.\n`;
      expect(again).toEqual({ code: 3, stdout: '', stderr: saying });
    }
    expect(dump(installation)).toEqual(before);
  });

  it('takes Ed25519 for EdDSA, in the file, on the command line and in the setting, and stores EdDSA', async () => {
    const installation = await usedInstallation();
    const { environment } = installation;
    const servers = { ...installation, environment: { ...environment, KEY_ALGORITHM: 'Ed25519' } };
    const [first, second] = [newEd25519(), newEd25519()];
    const file = JSON.stringify({ ...jwkOf(first.privateKey), alg: 'Ed25519', kid: 'first' });
    expect(await importFromInput(servers, file)).toMatchObject({ code: 0, stderr: '' });
    const pem = pemOf(second.privateKey);
    const args = ['--alg', 'Ed25519', '--kid', 'second'];
    expect(await importFromInput(servers, pem, ...args)).toMatchObject({ code: 0, stderr: '' });
    const stored = query(installation, "select alg, public_jwk from signing_keys where kid in ('first', 'second')");
    expect(stored.map(({ alg, public_jwk: jwk }) => [alg, (JSON.parse(String(jwk)) as { alg: string }).alg])).toEqual([
      ['EdDSA', 'EdDSA'],
      ['EdDSA', 'EdDSA'],
    ]);
  });

  it('takes a JWK Set from standard input for verifiers, under the kids in it', async () => {
    const installation = await usedInstallation();
    const keys = [
      { ...jwkOf(rsa.publicKey), kid: 'a', use: 'sig', alg: 'RS256' },
      { ...jwkOf(ec.publicKey), kid: 'b' },
    ];
    const { code, stdout, stderr } = await importFromInput(installation, JSON.stringify({ keys }), '--for', '12h');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [first, second] = stdout.split('\n');
    expect(first).toMatch(/^a is published until \d{4}-.*Z\.$/);
    expect(second).toMatch(/^b is published until \d{4}-.*Z\.$/);
    const stored = query(
      installation,
      'select kid, alg, published_until - published_at as seconds from verify_only_keys',
    );
    expect(stored).toEqual([
      { kid: 'a', alg: 'RS256', seconds: 43_200 },
      { kid: 'b', alg: 'ES256', seconds: 43_200 },
    ]);
  });

  it('takes the public part alone of a private key, if asked to, for a day unless told otherwise', async () => {
    const installation = await usedInstallation();
    const file = await writeKey(installation, JSON.stringify(jwkOf(ec.privateKey)));
    const ended = await importFile(installation, file, '--verify-only', '--json');
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const view = { kid: expect.any(String) as string, state: 'verify-only', retires_at: moment };
    expect(JSON.parse(ended.stdout)).toEqual({ keys: [view] });
    expect(JSON.stringify(dump(installation))).not.toContain(jwkOf(ec.privateKey).d);
    const stored = query(installation, 'select published_until - published_at as seconds from verify_only_keys');
    expect(stored).toEqual([{ seconds: 86_400 }]);
  });

  it('refuses with 3 what is no key for it, in one line that quotes nothing, and stores nothing', async () => {
    const installation = await usedInstallation();
    const before = dump(installation);
    const mixed = { ...jwkOf(rsa.privateKey), d: jwkOf(newRsa().privateKey).d };
    const encrypted = String(
      rsa.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'a' }),
    );
    const cases: [text: string, saying: RegExp, args?: string[]][] = [
      [JSON.stringify(mixed), /^The private part does not belong to the public part\.\n$/],
      [encrypted, /^The key is encrypted\. Decrypt it first: openssl .*\n$/],
      [pemOf(rsa.privateKey).slice(0, -200), /^This is no key that can be read: it must be PEM, .*\n$/],
      ['{"keys":[null]}', /^This is no key that can be read: it must be PEM, .*\n$/],
      [pemOf(ec.privateKey), /^New keys sign with RS256, so this one .* Set KEY_ALGORITHM first\.\n$/],
      [pemOf(ec.publicKey), /^The key cannot sign with PS256\.\n$/, ['--alg', 'PS256']],
    ];
    for (const [text, saying, args = []] of cases) {
      const ended = await importFile(installation, await writeKey(installation, text), ...args);
      expect(ended).toMatchObject({ code: 3, stdout: '' });
      expect(ended.stderr).toMatch(saying);
      expectNothingSaid(ended, text);
    }
    const [[text] = ['']] = cases;
    const elsewhere = await importFromInput(installation, text, '--json');
    expect(elsewhere).toEqual({
      code: 3,
      stdout: '',
      stderr: 'The private part does not belong to the public part.\n',
    });
    expect(dump(installation)).toEqual(before);
  });

  it('fails with 1 where the file cannot be read, and says why', async () => {
    const installation = await usedInstallation();
    const before = dump(installation);
    const missing = join(installation.folder, 'nothing.pem');
    for (const [file, code] of [
      [missing, 'ENOENT'],
      [installation.folder, 'EISDIR'],
    ] as const) {
      const stderr = `${file} cannot be read (${code}).\n`;
      expect(await importFile(installation, file)).toEqual({ code: 1, stdout: '', stderr });
    }
    expect(dump(installation)).toEqual(before);
  });
});
