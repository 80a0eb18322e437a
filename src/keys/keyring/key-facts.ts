import type { Clock } from '../../clock.ts';
import type { FactsMacs } from '../sealing/facts-mac.ts';
import { type OpenedKeys, openPrivateKeys } from './opened-keys.ts';
import type { OpenPrivateKey } from '../sealing/signing-key.ts';
import type { KeyRecord, KeyStore } from '../store.ts';
import { arrangeLine } from '../timeline/succession.ts';
import { type Judged, judgeKeys, noTrust, type Reader, type Trust } from './trust.ts';
import type { VerifyOnlyKey, VerifyOnlyKeyStore } from '../verify-only.ts';

/** What may be asked for each time that the facts are read. */
export type FactSources = {
  readonly store: KeyStore;
  readonly verifyOnly: VerifyOnlyKeyStore;
  readonly clock: Clock;
  readonly openPrivateKey: OpenPrivateKey;
  readonly macs: FactsMacs;
};

/** The rows as they are in the database, whoever wrote them. */
export type StoredRows = {
  /** In the order of their rows. */
  readonly keys: readonly KeyRecord[];
  readonly verifyOnly: readonly VerifyOnlyKey[];
};

/** What is known of the rows by an earlier reading: what was opened, and what was trusted. */
export type Known = { readonly opened: OpenedKeys; readonly trust: Trust };

export const nothingKnown: Known = { opened: new Map(), trust: noTrust };

/** The facts as they were read at `readAt` (epoch seconds); `order` tells which of two readings began first. */
export type KeyFacts = Known & {
  readonly order: number;
  readonly stored: StoredRows;
  /** Those of the stored keys that are trusted, in order of succession. */
  readonly keys: readonly KeyRecord[];
  readonly verifyOnly: readonly VerifyOnlyKey[];
  readonly readAt: number;
};

/** Reads the facts; private parts that are open in `known` are not opened again. */
export type ReadFacts = (known: Known, reader: Reader) => Promise<KeyFacts>;

/** One for each keyring, since it counts its readings. */
export function createFactReader(sources: FactSources): ReadFacts {
  let readings = 0;
  return async function readFacts(known, reader) {
    readings += 1;
    const order = readings;
    const found = { order, ...(await read(sources, known, reader)) };
    if (!distrustsMore(found.trust, known.trust)) return found;
    // Signing keys and verify-only ones are read one after another, and key-encryption keys after both: MACs that came to be
    // there in between, all at once, may be missing in one half. What is read after that has them all.
    return { order, ...(await read(sources, known, reader)) };
  };
}

async function read(sources: FactSources, known: Known, reader: Reader): Promise<Omit<KeyFacts, 'order'>> {
  const readAt = sources.clock();
  const keys = await sources.store.listKeys();
  const verifyOnly = await sources.verifyOnly.listVerifyOnlyKeys();
  let ids: Promise<string> | undefined;
  const idsAtHand = () => (ids ??= sources.macs.idsAtHand());
  const opened = await openPrivateKeys(keys, known.opened, sources.openPrivateKey, idsAtHand);
  const trust = await judgeKeys(
    { keys, verifyOnly, opened },
    { before: known.trust, reader },
    { ...sources.macs, idsAtHand },
  );
  return { stored: { keys, verifyOnly }, ...pickTrusted({ keys, verifyOnly }, trust), opened, trust, readAt };
}

function distrustsMore(now: Trust, before: Trust): boolean {
  const isNews =
    (known: Trust['signing']) =>
    ([kid, { verdict }]: [string, Judged]) =>
      verdict.kind !== 'trusted' && verdict.kind !== known.get(kid)?.verdict.kind;
  return [...now.signing].some(isNews(before.signing)) || [...now.verifyOnly].some(isNews(before.verifyOnly));
}

function pickTrusted({ keys, verifyOnly }: StoredRows, trust: Trust): StoredRows {
  const isTrusted =
    (judged: Trust['signing']) =>
    ({ kid }: { readonly kid: string }) =>
      judged.get(kid)?.verdict.kind === 'trusted';
  return {
    keys: arrangeLine(keys.filter(isTrusted(trust.signing))),
    verifyOnly: verifyOnly.filter(isTrusted(trust.verifyOnly)),
  };
}
