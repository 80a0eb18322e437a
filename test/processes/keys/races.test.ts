import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { expectContractKept } from '../../support/contract-check.ts';
import { type ClientCredentials, kidOf, requestToken } from '../../support/jwks.ts';
import { newDiskFolder } from '../../support/disk-folder.ts';
import { freePort } from '../../support/free-port.ts';
import { runCommand } from '../../support/command.ts';
import { newInstallation } from '../../support/installation.ts';
import { launchServer } from '../../support/server-process.ts';
import { whenTestEnds } from '../../support/test-end.ts';
import { type WireReply, ask } from '../../support/wire.ts';
import { type Race, race, settings } from '../../support/keys/race.ts';

// A thousand rounds of each are part of `npm run soak`.

/** A hundred rounds over a disk. */
const patient = { timeout: 180_000 };

async function expectCleanRace(given: Race): Promise<void> {
  const finish = await race(given);
  expect(finish.faults).toEqual([]);
  expect(finish.rounds).toBe(given.rounds);
  // The table was read again and again during the race, and rounds were such that somebody lost at the last moment.
  expect(finish.looks).toBeGreaterThan(2 * given.rounds);
  expect(finish.contested).toBeGreaterThan(given.rounds / 2);
}

describe.each([2, 4])('%i processes at the same moment', patient, (processes) => {
  it('that rotate the key that signs: one does, in each of a hundred rounds', () =>
    expectCleanRace({ processes, rounds: 100, kind: 'the signer' }));

  it('that rotate whatever signs: the line moves by as many steps as were reported, each of them another one', () =>
    expectCleanRace({ processes, rounds: 40, kind: 'any signer' }));

  it('of which one revokes the key that signs and the others rotate: no step is lost, and none is taken twice', () =>
    expectCleanRace({ processes, rounds: 40, kind: 'beside a revocation' }));
});

describe('processes whose clocks differ by a second', patient, () => {
  it('rotate the key that signs once', () => expectCleanRace({ processes: 4, rounds: 6, kind: 'the signer', lag: 1 }));
});

describe('two servers over one database', patient, () => {
  it('that are asked at once to rotate the key that signs: one answers 200, the other 409, fifty times out of fifty', async () => {
    const folder = await newDiskFolder();
    whenTestEnds(() => rm(folder, { recursive: true, force: true }));
    const first = await newInstallation({ ...settings, DATABASE_URL: `sqlite:${folder}/tessera.db` });
    const ports = [new URL(first.url).port, String(await freePort())];
    const servers = ports.map((PORT) =>
      launchServer({ ...first, environment: { ...first.environment, PORT, ISSUER: first.url } }),
    );
    await Promise.all(servers.map(({ ready }) => ready));
    const args = ['create', '--name', 'operator', '--scope', 'keys:manage', '--json'];
    const client = JSON.parse((await runCommand('clients', args, first)).stdout) as ClientCredentials;

    const signers: string[] = [];
    const conflicts: string[] = [];
    for (let round = 0; round < 50; round += 1) {
      const token = await requestToken(first.url, client);
      if (round === 0) signers.push(kidOf(token));
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
      const body = JSON.stringify({ force: true, signer: signers.at(-1) });
      const replies = await Promise.all(ports.map((port) => ask(Number(port), 'POST', '/keys/rotate', headers, body)));
      for (const reply of replies) expectContractKept('POST', '/keys/rotate', reply);
      const [done, refused] = replies.toSorted((a, b) => a.status - b.status) as [WireReply, WireReply];
      expect([done.status, refused.status]).toEqual([200, 409]);
      expect(refused.headers).toMatchObject({ 'content-type': 'application/problem+json' });
      // Faster than the other's look at the keys, or slower.
      const { conflict } = JSON.parse(refused.body) as { conflict: string };
      expect(['changed', 'not_signer']).toContain(conflict);
      conflicts.push(conflict);
      const { kid, previous_kid: previous } = JSON.parse(done.body) as { kid: string; previous_kid: string };
      expect(previous).toBe(signers.at(-1));
      signers.push(kid);
    }
    expect(new Set(signers).size).toBe(51);
    expect(servers.map(({ printed }) => printed.stderr)).toEqual(['', '']);
  });
});
