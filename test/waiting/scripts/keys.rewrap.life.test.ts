import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exportJWK, exportPKCS8, generateKeyPair } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { addMac } from '../../../src/keys/sealing/facts-mac.ts';
import { sealedUnder } from '../../../src/keys/sealing/seal.ts';
import { placeKey } from '../../../src/keys/timeline/place-key.ts';
import { addClient, byTest, changeKeys, query } from '../../support/installed-data.ts';
import { type ClientCredentials, fetchKeys, kidOf, requestToken, verify } from '../../support/jwks.ts';
import { runCommand } from '../../support/command.ts';
import type { Installation } from '../../support/installation.ts';
import { run, spawnScript } from '../../support/process.ts';
import { sharedServer } from '../../support/server-process.ts';
import { waitFor } from '../../support/wait.ts';

const server = sharedServer({ REPLICA_REFRESH: '1s', LOG_LEVEL: 'info', KEY_ALGORITHM: 'RS256' });
let client: ClientCredentials;

/** So many that sealing them anew takes a while. One pair serves them all. */
async function addStandbys(installation: Installation, count: number): Promise<void> {
  const pair = await generateKeyPair('RS256', { extractable: true });
  const pem = await exportPKCS8(pair.privateKey);
  const publicJwk = await exportJWK(pair.publicKey);
  await changeKeys(installation, async ({ store, keyring, seal, macs }) => {
    let last = keyring.keys.at(-1);
    for (let number = 1; number <= count && last !== undefined; number += 1) {
      const kid = `standby-${number}`;
      const { publishedAt, activatesAt } = last;
      const place = { succeeds: last.kid, publishedAt, activatesAt: activatesAt + 86_400 };
      const placed = placeKey({ kid, alg: 'RS256', publicJwk, sealedPrivateKey: await seal(kid, pem) }, place);
      last = await addMac(placed, macs);
      expect(await store.insertKey(last, 'key.imported', { ...byTest, at: publishedAt })).toBe(true);
    }
  });
}

/** Gets tokens and verifies them, until stopped. Rejects at the first that fails. */
function keepSigning(): () => Promise<number> {
  const stopped = new AbortController();
  const tokens = (async () => {
    let count = 0;
    while (!stopped.signal.aborted) {
      await verify(await requestToken(server.url, client), await fetchKeys(server.url));
      count += 1;
      await sleep(10);
    }
    return count;
  })();
  tokens.catch(() => undefined);
  return () => {
    stopped.abort();
    return tokens;
  };
}

async function expectAllReadable(): Promise<void> {
  const { code, stdout, stderr } = await runCommand('keys', ['list', '--json'], server);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { keys } = JSON.parse(stdout) as { keys: { unreadable: boolean }[] };
  expect(keys.filter(({ unreadable }) => unreadable)).toEqual([]);
}

function keksInUse(): Set<string | null> {
  const rows = query<{ sealed: string }>(server, 'select sealed_private_key as sealed from signing_keys');
  return new Set(rows.map(({ sealed }) => sealedUnder(sealed)));
}

function resealedSoFar(): number {
  const [row] = query<{ count: number }>(
    server,
    "select count(*) as count from audit_events where type = 'key.resealed'",
  );
  return row?.count ?? 0;
}

/** The server has opened every key that it read, and its every look at the database went well. */
function expectServerUntroubled(): void {
  expect(server.printed.stderr).not.toMatch(/key-unreadable|refresh-failed|"level":[4-6]0/);
}

describe('a rewrap beside a running server', () => {
  beforeAll(async () => {
    client = await addClient(server, 'a');
    await addStandbys(server, 20);
  });

  it('is not noticed by anybody, be it given twice at once', async () => {
    const stop = keepSigning();
    const ends = await Promise.all([1, 2].map(() => run('scripts/keys.ts', ['rewrap', '--json'], server)));
    for (const { code, stderr } of ends) expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expectAllReadable();
    expect(keksInUse().size).toBe(1);
    await sleep(1_500);
    expect(await stop()).toBeGreaterThan(10);
    expectServerUntroubled();
  });

  it('may be killed at any moment, again and again: everything opens, and one that finishes brings it all together', async () => {
    const stop = keepSigning();
    let halfWay = 0;
    for (let round = 0; round < 8; round += 1) {
      const child = spawnScript('scripts/keys.ts', ['rewrap'], server.environment);
      const ended = once(child, 'close');
      // In some rounds while it still gets ready, in others when it has sealed a few.
      const enough = round % 4 === 0 ? Infinity : resealedSoFar() + randomInt(1, 7);
      const until = performance.now() + (round % 4 === 0 ? randomInt(50, 400) : 20_000);
      while (child.exitCode === null && resealedSoFar() < enough && performance.now() < until) await sleep(1);
      child.kill('SIGKILL');
      await ended;
      if (keksInUse().size > 1) halfWay += 1;
      await expectAllReadable();
    }
    expect(halfWay).toBeGreaterThan(0);

    expect(await runCommand('keys', ['rewrap'], server)).toMatchObject({ code: 0, stderr: '' });
    expect(await runCommand('keys', ['rewrap', '--discard-old'], server)).toMatchObject({ code: 0, stderr: '' });
    expect(keksInUse().size).toBe(1);
    const files = (await readdir(join(server.folder, 'keys'))).filter((name) => /^[a-z-]+(\.\d+)?$/.test(name));
    expect(files).toHaveLength(1);
    await expectAllReadable();

    const { code, stdout } = await runCommand('keys', ['rotate', '--force', '--json'], server);
    expect(code).toBe(0);
    const { kid } = JSON.parse(stdout) as { kid: string };
    await waitFor(async () => {
      expect(kidOf(await requestToken(server.url, client))).toBe(kid);
    });
    expect(await stop()).toBeGreaterThan(20);
    expectServerUntroubled();
  });
});
