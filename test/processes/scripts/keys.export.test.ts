import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readForeignKeys } from '../../../src/keys/changes/foreign-key.ts';
import { importVerifyOnly } from '../../../src/keys/changes/import.ts';
import { revokeKey } from '../../../src/keys/changes/revocation.ts';
import { rotateKeys } from '../../../src/keys/changes/rotation.ts';
import { jwkOf, newEc, newEd25519, pemOf } from '../../support/keys/key-material.ts';
import { byTest, changeKeys, dump, query, storedKids } from '../../support/installed-data.ts';
import { fetchKeys } from '../../support/jwks.ts';
import { runCommand } from '../../support/command.ts';
import type { Installation } from '../../support/installation.ts';
import { launchServer } from '../../support/server-process.ts';
import { usedInstallation } from '../../support/used-installation.ts';

const exportKeys = (installation: Installation, ...args: string[]) =>
  runCommand('keys', ['export', ...args], installation);

type Exported = { keys: Record<string, string>[] };

describe('npm run keys -- export --public', () => {
  it('prints exactly the set that a server serves, and no private member', async () => {
    const installation = await usedInstallation();
    await changeKeys(installation, async (office) => {
      for (let count = 0; count < 2; count += 1) await rotateKeys(office, { force: true, cause: byTest });
      const [, second = ''] = storedKids(installation);
      await revokeKey(office, second, byTest);
      for (const [kid, { publicKey }, seconds] of [
        ['old', newEc(), 3_600],
        ['gone', newEd25519(), 0],
      ] as const) {
        const [key] = await readForeignKeys(pemOf(publicKey), { kid });
        if (key !== undefined) await importVerifyOnly(office, key, seconds, byTest);
      }
    });
    const before = dump(installation);
    const { code, stdout, stderr } = await runCommand('keys', ['export', '--public', '--json'], installation);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(dump(installation)).toEqual(before);

    await launchServer(installation).ready;
    const exported = JSON.parse(stdout) as Exported;
    expect(exported).toEqual(await fetchKeys(installation.url));
    const [first, , third, fourth] = storedKids(installation);
    expect(exported.keys.map(({ kid }) => kid)).toEqual([first, third, fourth, 'old']);
    const members = new Set(exported.keys.flatMap((key) => Object.keys(key)));
    expect([...members].sort()).toEqual(['alg', 'crv', 'e', 'kid', 'kty', 'n', 'use', 'x', 'y']);
  });

  it('prints one key when its kid is given, and ends with 4 where that is not published', async () => {
    const installation = await usedInstallation();
    const [first = '', second = ''] = storedKids(installation);
    await changeKeys(installation, (office) => revokeKey(office, second, byTest));
    const one = await exportKeys(installation, first, '--public');
    expect(one).toMatchObject({ code: 0, stderr: '' });
    expect((JSON.parse(one.stdout) as Exported).keys.map(({ kid }) => kid)).toEqual([first]);
    const none = await exportKeys(installation, second, '--public', '--json');
    expect(none).toEqual({ code: 4, stdout: '', stderr: `There is no published key ${second}.\n` });
  });

  it('prints PEM, too, which comes in again as the same keys', async () => {
    const installation = await usedInstallation();
    const { code, stdout, stderr } = await exportKeys(installation, '--public', '--pem');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toContain('PRIVATE');
    const blocks = [...stdout.matchAll(/^# (\S+)\n(-----BEGIN PUBLIC KEY-----\n[^-]*-----END PUBLIC KEY-----\n)/gm)];
    expect(blocks.map(([, kid]) => kid)).toEqual(storedKids(installation));
    expect(blocks.map(([block]) => block).join('')).toBe(stdout);
    for (const [block, kid = '', pem = ''] of blocks) {
      // The kid of a key that was made here is its thumbprint.
      const [key] = await readForeignKeys(block, {});
      expect(key).toMatchObject({ kid, alg: 'RS256', privateKey: null });
      const [row] = query(installation, 'select public_jwk from signing_keys where kid = ?', kid);
      const { n, e, kty } = JSON.parse(String(row?.['public_jwk'])) as Record<string, string>;
      expect(jwkOf(createPublicKey(pem))).toEqual({ n, e, kty });
    }
  });
});
