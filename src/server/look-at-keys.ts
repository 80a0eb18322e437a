import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { KeyEncryptionKeyError, WrongKeyEncryptionKey } from '../keys/errors.ts';
import { createFactsMacs } from '../keys/sealing/facts-mac.ts';
import { encodeFacts } from '../keys/sealing/immutable-facts.ts';
import { createFactReader, type KeyFacts, nothingKnown, type StoredRows } from '../keys/keyring/key-facts.ts';
import { loadKeyEncryptionKeys } from '../keys/sealing/key-encryption-key.ts';
import { findCorrupt } from '../keys/keyring/opened-keys.ts';
import { keyOpener } from '../keys/sealing/signing-key.ts';
import type { RowName } from '../keys/row-name.ts';
import type { KeyRecord } from '../keys/store.ts';
import { arrangeLine } from '../keys/timeline/succession.ts';
import { isAwaitingFirstStart, type Trust, type Verdict } from '../keys/keyring/trust.ts';
import type { VerifyOnlyKey } from '../keys/verify-only.ts';
import { type KeyEncryptionSettings, type KeyStores, sourceOf } from './open-keyring.ts';

/** A row that is not taken for a key, and why. */
export type LeftOutRow = RowName & { readonly reason: string };

/** The keys as they are stored, for a command that changes nothing. */
export type StoredKeys = {
  /**
   * Those that are trusted, or will be by the first server of this version, in order of succession: what servers go by. Where not
   * `isJudged`, all that could be keys.
   */
  readonly keys: readonly KeyRecord[];
  readonly verifyOnly: readonly VerifyOnlyKey[];
  /** Whether anything can be said of the rows: not without the key-encryption key. */
  readonly isJudged: boolean;
  /** Kids whose private part is corrupt. */
  readonly unreadable: ReadonlySet<string>;
  /** Kids whose private part cannot be used here, for whatever reason. */
  readonly unusable: ReadonlySet<string>;
  /** Of which nobody here can say whether a server wrote them, unless they are revoked. A server that could once goes on with them. */
  readonly waiting: readonly (LeftOutRow & { readonly key: KeyRecord | VerifyOnlyKey })[];
  /** What waits for the first server of this version to start, revoked keys, too. */
  readonly unadopted: readonly LeftOutRow[];
  /** What no server wrote, unless it is revoked: then nobody takes it for a key. */
  readonly rejected: readonly LeftOutRow[];
  /** Why not everything could be looked at. */
  readonly fault: string | null;
};

/**
 * Looks at the keys as a command would that changes them, and changes nothing. Where the key-encryption key is missing, or is another
 * than they are sealed under, `fault` says so.
 */
export async function lookAtKeys(
  config: Pick<Config, KeyEncryptionSettings>,
  { keys: store, verifyOnlyKeys: verifyOnly }: KeyStores,
  clock: Clock,
): Promise<StoredKeys> {
  let loading: ReturnType<typeof loadKeyEncryptionKeys> | undefined;
  const load = () => (loading ??= loadKeyEncryptionKeys({ ...sourceOf(config), sealedKeysExist: true }));
  const sources = { store, verifyOnly, clock, openPrivateKey: keyOpener(load), macs: createFactsMacs(load) };
  try {
    return view(await createFactReader(sources)(nothingKnown, 'command'));
  } catch (error) {
    if (!(error instanceof KeyEncryptionKeyError)) throw error;
    const stored = { keys: await store.listKeys(), verifyOnly: await verifyOnly.listVerifyOnlyKeys() };
    return viewWithoutKey(stored, error.message);
  }
}

function view({ stored, trust, opened }: KeyFacts): StoredKeys {
  const signing = judge(stored.keys, 'signing', trust.signing);
  const verifyOnly = judge(stored.verifyOnly, 'verify-only', trust.verifyOnly);
  const all = [...signing, ...verifyOnly];
  const isTrusted = ({ verdict }: Seen) => verdict.kind === 'trusted';
  const waiting = all.filter((each) => each.verdict.kind === 'waiting' && !isAwaitingFirstStart(each));
  const isJudged = signing.some(isTrusted) || waiting.length === 0;
  const isTaken = (each: Seen) =>
    isJudged ? isTrusted(each) || isAwaitingFirstStart(each) : each.verdict.kind !== 'rejected';
  const taken = new Set(all.filter(isTaken).map(({ key }) => key));
  const keys = stored.keys.filter((key) => taken.has(key));
  const wrong = keys.map(({ kid }) => opened.get(kid)?.fault).find((fault) => fault instanceof WrongKeyEncryptionKey);
  const unusable = [...opened].filter(([, { privateKey }]) => privateKey === null).map(([kid]) => kid);
  return {
    keys: arrangeLine(keys),
    verifyOnly: stored.verifyOnly.filter((key) => taken.has(key)),
    isJudged,
    unreadable: findCorrupt(opened),
    unusable: new Set(unusable),
    waiting: isJudged ? waiting.filter(isNotRevoked).map((each) => ({ ...leftOut(each), key: each.key })) : [],
    unadopted: all.filter(isAwaitingFirstStart).map(leftOut),
    rejected: all.filter((each) => each.verdict.kind === 'rejected' && isNotRevoked(each)).map(leftOut),
    fault: wrong?.message ?? (isJudged ? null : (waiting.map(leftOut)[0]?.reason ?? null)),
  };
}

/** Without a key-encryption key, what could be a key waits. */
function viewWithoutKey(stored: StoredRows, fault: string): StoredKeys {
  const isKey = (key: KeyRecord | VerifyOnlyKey) => encodeFacts(key) !== null;
  const none = { kind: 'rejected', reason: 'its facts are not those of a key' } as const;
  const seen = [
    ...stored.keys.map((key): Seen => ({ of: 'signing', key, verdict: none })),
    ...stored.verifyOnly.map((key): Seen => ({ of: 'verify-only', key, verdict: none })),
  ];
  return {
    keys: arrangeLine(stored.keys.filter(isKey)),
    verifyOnly: stored.verifyOnly.filter(isKey),
    isJudged: false,
    unreadable: new Set(),
    unusable: new Set(),
    waiting: [],
    unadopted: [],
    rejected: seen.filter((each) => !isKey(each.key) && isNotRevoked(each)).map(leftOut),
    fault,
  };
}

type Seen = Pick<LeftOutRow, 'of'> & { readonly key: KeyRecord | VerifyOnlyKey; readonly verdict: Verdict };

function judge(
  rows: readonly (KeyRecord | VerifyOnlyKey)[],
  of: LeftOutRow['of'],
  trust: Trust['signing'],
): readonly Seen[] {
  return rows.flatMap((key) => {
    const verdict = trust.get(key.kid)?.verdict;
    return verdict === undefined ? [] : [{ of, key, verdict }];
  });
}

function isNotRevoked({ key }: Seen): boolean {
  return key.revokedAt === null;
}

function leftOut({ of, key: { kid }, verdict }: Seen): LeftOutRow {
  return { of, kid, reason: verdict.kind === 'trusted' ? '' : verdict.reason };
}
