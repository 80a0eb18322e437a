import { calculateJwkThumbprint, exportJWK, exportPKCS8, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { moveInstallation } from '../../../src/database/transfer/move.ts';
import { readConfig } from '../../../src/config/config.ts';
import { importStandby, importVerifyOnly } from '../../../src/keys/changes/import.ts';
import { type FakeClock, fakeClock } from '../../support/clock.ts';
import { newDatabase, newUrl } from '../../support/database.ts';
import { buildVersion, newEmptyUrl } from '../../support/database/versions.ts';
import { byTest } from '../../support/installed-data.ts';
import { expectAllVerify, openKeyReplica, replicaSettings, signToken } from '../../support/keys/key-replicas.ts';
import { startReplicaBefore } from '../../support/keys/version-before.ts';

const KEY_ENCRYPTION_KEY = Buffer.alloc(32, 1).toString('base64');
const open = (url: string, clock: FakeClock) => openKeyReplica(url, clock, { KEY_ENCRYPTION_KEY });
const quietly = { begin: () => undefined, advance: () => undefined, finishTable: () => undefined };

/** A kid that looks like a thumbprint, as other issuers have them, and is that of no key here. */
async function aThumbprint(): Promise<string> {
  return calculateJwkThumbprint(await exportJWK((await generateKeyPair('ES256')).publicKey));
}

describe('keys that were imported', () => {
  it('are what they were after every start, whatever they are called, and sign when it is their turn', async () => {
    const [url, clock] = [await newUrl(), fakeClock()];
    const server = await open(url, clock);
    const tokens = [await signToken(server, clock)];
    for (const kid of ['theirs', await aThumbprint()]) {
      const { publicKey } = await generateKeyPair('ES256');
      const foreign = { kid, alg: 'ES256', publicJwk: await exportJWK(publicKey), privateKey: null } as const;
      expect(await importVerifyOnly(server, foreign, 86_400, byTest)).toMatchObject({ kind: 'verify-only' });
    }
    for (const kid of ['ours', await aThumbprint()]) {
      const pair = await generateKeyPair('ES256', { extractable: true });
      const privateKey = await exportPKCS8(pair.privateKey);
      const key = { kid, alg: 'ES256', publicJwk: await exportJWK(pair.publicKey), privateKey } as const;
      expect(await importStandby(server, key, byTest)).toMatchObject({ kind: 'standby' });
    }
    const kids = server.keyring.jwks.body.keys.map(({ kid }) => kid);
    for (let turn = 0; turn < 4; turn += 1) {
      const fresh = await open(url, clock);
      if (turn === 0) expect(fresh.keyring.jwks.body.keys.map(({ kid }) => kid)).toEqual(kids);
      tokens.push(await signToken(fresh, clock));
      await expectAllVerify([server, fresh], tokens, clock);
      expect(fresh.log.join()).not.toMatch(/key-(rejected|waiting|unreadable)|facts-/);
      await fresh.rotate();
    }
    expect(new Set(tokens.map(({ kid }) => kid))).toContain('ours');
  });
});

describe('keys that were moved to another database', () => {
  it('are believed there as they were, and no token fails', async () => {
    const [from, to, clock] = [await newUrl(), await newEmptyUrl(), fakeClock()];
    const server = await open(from, clock);
    const tokens = [await signToken(server, clock)];
    await server.rotate();
    clock.advance(60);
    await server.keyring.refresh();
    await moveInstallation(from, to, quietly, { ...byTest, at: clock() });
    const moved = await open(to, clock);
    tokens.push(await signToken(moved, clock));
    await expectAllVerify([moved], tokens, clock);
    expect(moved.keyring.jwks).toEqual(server.keyring.jwks);
    expect(moved.log.join()).not.toMatch(/key-(rejected|waiting|unreadable)|facts-/);
  });

  it('have their first start of this version there, where they had none before', async () => {
    const [from, to, clock] = [await newEmptyUrl(), await newEmptyUrl(), fakeClock()];
    await buildVersion(from, '004-replicas');
    const { keyPolicy: policy } = readConfig({ DATABASE_URL: from, KEY_ENCRYPTION_KEY, ...replicaSettings });
    const before = await startReplicaBefore(from, { clock, policy, keks: [KEY_ENCRYPTION_KEY] });
    const tokens = [await signToken(before, clock)];
    await before.rotate();
    clock.advance(60);
    await before.keyring.refresh();
    await (await newDatabase(from)).close();
    await moveInstallation(from, to, quietly, { ...byTest, at: clock() });
    const moved = await open(to, clock);
    await expectAllVerify([moved], tokens, clock);
    expect(moved.log.join()).toContain('facts-adopted');
    expect(moved.log.join()).not.toContain('key-rejected');
  });
});
