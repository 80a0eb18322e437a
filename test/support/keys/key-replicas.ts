/** Servers of this version that share a database, as far as their keys are concerned, and tokens that all of them must verify. */
import { SignJWT } from 'jose';
import { expect } from 'vitest';
import type { Clock } from '../../../src/clock.ts';
import { readConfig } from '../../../src/config/config.ts';
import type { KeyOffice } from '../../../src/keys/changes/key-office.ts';
import type { Keyring } from '../../../src/keys/keyring/keyring.ts';
import { rotateKeys } from '../../../src/keys/changes/rotation.ts';
import { openKeyring } from '../../../src/server/open-keyring.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { newDatabase } from '../database.ts';
import { byTest } from '../installed-data.ts';
import { verify } from '../jwks.ts';
import { shortLife } from '../key-operator.ts';

export type KeyReplica = KeyOffice & {
  /** By force; returns who signs then. */
  rotate(): Promise<string>;
  /** Every line that was logged. */
  readonly log: readonly string[];
};

export const replicaSettings = { ...shortLife, KEY_ALGORITHM: 'ES256' };

/** As a server starts: brings the schema and the keys up to date. `environment` says where the key-encryption key is. */
export async function openKeyReplica(
  url: string,
  clock: Clock,
  environment: Record<string, string>,
): Promise<KeyReplica> {
  const config = readConfig({ DATABASE_URL: url, ...replicaSettings, ...environment });
  const log: string[] = [];
  const logger = createLogger('info', { write: (line: string) => void log.push(line) });
  const stores = await newDatabase(url);
  const office = await openKeyring(config, { stores, clock, log: logger, actor: { kind: 'schedule' }, isServer: true });
  return {
    ...office,
    log,
    async rotate() {
      const outcome = await rotateKeys(office, { force: true, cause: byTest });
      if (outcome.kind !== 'rotated') throw new Error(outcome.kind);
      return outcome.kid;
    },
  };
}

export type SignedToken = { readonly token: string; readonly kid: string; readonly expiresAt: number };

/** A token that lives as long as the settings say, put on record as every token is. */
export async function signToken({ keyring }: { keyring: Keyring }, clock: Clock): Promise<SignedToken> {
  const expiresAt = clock() + 900;
  const { kid, alg, privateKey } = await keyring.signerUntil(expiresAt);
  const token = new SignJWT({ exp: expiresAt }).setProtectedHeader({ alg, kid, typ: 'at+jwt' });
  return { token: await token.sign(privateKey), kid, expiresAt };
}

/** Every token that has not expired verifies by the set of each, as it serves it now, and by what each verifies with itself. */
export async function expectAllVerify(
  replicas: readonly { keyring: Keyring }[],
  tokens: readonly SignedToken[],
  clock: Clock,
): Promise<void> {
  for (const { keyring } of replicas) {
    // As it hears of each change.
    await keyring.lookAgain();
    for (const { token, kid, expiresAt } of tokens.filter((each) => each.expiresAt > clock())) {
      await verify(token, { keys: [...keyring.jwks.body.keys] }, new Date(clock() * 1000));
      expect(await keyring.verificationKey(kid, 'ES256')).toBeDefined();
      expect(expiresAt).toBeGreaterThan(clock());
    }
  }
}
