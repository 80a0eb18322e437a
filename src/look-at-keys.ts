import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { KeyEncryptionKeyError, WrongKeyEncryptionKey } from './keys/errors.ts';
import { createFactsMacs } from './keys/facts-mac.ts';
import { encodeFacts } from './keys/immutable-facts.ts';
import { createFactReader, type KeyFacts, nothingKnown, type StoredRows } from './keys/key-facts.ts';
import { loadKeyEncryptionKeys } from './keys/key-encryption-key.ts';
import { findCorrupt } from './keys/opened-keys.ts';
import { keyOpener } from './keys/signing-key.ts';
import type { KeyRecord } from './keys/store.ts';
import { arrangeLine } from './keys/succession.ts';
import { isAwaitingFirstStart, type Trust } from './keys/trust.ts';
import type { VerifyOnlyKey } from './keys/verify-only.ts';
import { type KeyEncryptionSettings, type KeyStores, sourceOf } from './open-keyring.ts';

/** The keys as they are stored, for a command that changes nothing. */
export type StoredKeys = {
  /** All but those that are rejected, in order of succession. */
  readonly keys: readonly KeyRecord[];
  readonly verifyOnly: readonly VerifyOnlyKey[];
  /** Kids whose private part is corrupt. */
  readonly unreadable: ReadonlySet<string>;
  /** Kids of which nobody here can say whether a server wrote them. A server that could once goes on with them. */
  readonly waiting: ReadonlySet<string>;
  /** Those of them that wait for the first server of this version to start, revoked ones, too. */
  readonly unadopted: readonly { readonly kid: string; readonly reason: string }[];
  /** What no server wrote, unless it is revoked: then nobody takes it for a key. */
  readonly rejected: readonly { readonly kid: string; readonly reason: string }[];
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
  const verdicts = [...judged(stored.keys, trust.signing), ...judged(stored.verifyOnly, trust.verifyOnly)];
  const isRejected = (key: KeyRecord | VerifyOnlyKey) =>
    verdicts.some((each) => each.key === key && each.verdict.kind === 'rejected');
  const waiting = verdicts.flatMap(({ key, verdict }) =>
    verdict.kind === 'waiting' && key.revokedAt === null ? [{ kid: key.kid, reason: verdict.reason }] : [],
  );
  const unadopted = verdicts
    .filter(isAwaitingFirstStart)
    .map(({ key: { kid }, verdict }) => ({ kid, reason: 'reason' in verdict ? verdict.reason : '' }));
  const isUnadopted = ({ kid }: { readonly kid: string }) => unadopted.some((each) => each.kid === kid);
  const wrong = [...opened.values()].find(({ fault }) => fault instanceof WrongKeyEncryptionKey);
  return {
    keys: arrangeLine(stored.keys.filter((key) => !isRejected(key))),
    verifyOnly: stored.verifyOnly.filter((key) => !isRejected(key)),
    unreadable: findCorrupt(opened),
    waiting: new Set(waiting.map(({ kid }) => kid)),
    unadopted,
    rejected: verdicts.flatMap(({ key, verdict }) =>
      verdict.kind === 'rejected' && key.revokedAt === null ? [{ kid: key.kid, reason: verdict.reason }] : [],
    ),
    fault: wrong?.fault?.message ?? waiting.find((key) => !isUnadopted(key))?.reason ?? null,
  };
}

/** Without a key-encryption key, what could be a key waits. */
function viewWithoutKey(stored: StoredRows, fault: string): StoredKeys {
  const isKey = (key: KeyRecord | VerifyOnlyKey) => encodeFacts(key) !== null;
  const rows = [...stored.keys, ...stored.verifyOnly];
  return {
    keys: arrangeLine(stored.keys.filter(isKey)),
    verifyOnly: stored.verifyOnly.filter(isKey),
    unreadable: new Set(),
    waiting: new Set(rows.filter(isKey).map(({ kid }) => kid)),
    unadopted: [],
    rejected: rows.flatMap((key) =>
      isKey(key) || key.revokedAt !== null ? [] : [{ kid: key.kid, reason: 'its facts are not those of a key' }],
    ),
    fault,
  };
}

function judged(rows: readonly (KeyRecord | VerifyOnlyKey)[], trust: Trust['signing']) {
  return rows.flatMap((key) => {
    const verdict = trust.get(key.kid)?.verdict;
    return verdict === undefined ? [] : [{ key, verdict }];
  });
}
