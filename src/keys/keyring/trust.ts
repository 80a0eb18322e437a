import { MismatchedKeyPair, WrongKeyEncryptionKey } from '../errors.ts';
import type { FactsMacs, MacCheck } from '../sealing/facts-mac.ts';
import { encodeFacts } from '../sealing/immutable-facts.ts';
import { findDoubles, isOwnName } from '../kid-rules.ts';
import type { OpenedKey, OpenedKeys } from './opened-keys.ts';
import { importPublicKey } from './public-key.ts';
import type { KeyRecord } from '../store.ts';
import type { VerifyOnlyKey } from '../verify-only.ts';

/**
 * What is to be thought of a row. Whoever can write to the database can put a key there; only who has the key-encryption key can have
 * it believed.
 *
 * - `trusted`: a server wrote these facts.
 * - `waiting`: nobody here can say, since the key-encryption key that could is not at hand.
 * - `rejected`: no server did. Such a key is not published, does not sign, and verifies nothing.
 */
export type Verdict = { readonly kind: 'trusted' } | { readonly kind: 'waiting' | 'rejected'; readonly reason: string };

/** What was judged: facts (null for what no key has), and their MAC. */
export type Judged = {
  readonly facts: string | null;
  readonly mac: string | null;
  /** The sealed private part beside them. */
  readonly part: string | null;
  readonly verdict: Verdict;
  /** For a MAC under none of the key-encryption keys at hand: which these were (`idsOf`). With the same ones, it is the same. */
  readonly among: string | null;
};

/** By kid. */
export type Trust = {
  readonly signing: ReadonlyMap<string, Judged>;
  readonly verifyOnly: ReadonlyMap<string, Judged>;
  /**
   * `here`: these are keys that only versions before have seen, none of which has a MAC, and this server starts: all get theirs at
   * once. `ahead`: they are, and some wait for the first server that starts.
   */
  readonly firstStart: 'here' | 'ahead' | null;
};

export const noTrust: Trust = { signing: new Map(), verifyOnly: new Map(), firstStart: null };

type Row = KeyRecord | VerifyOnlyKey;

/** Who reads. A command line comes and goes at any time, so that its coming is nobody's first start. */
export type Reader = 'starting server' | 'running server' | 'command';

/**
 * What of rows that have no MAC: `adopted` at the first start, `adoptable` before it, `unknown` where no private part can be opened,
 * which would tell.
 */
type WithoutMac = 'adopted' | 'adoptable' | 'rejected' | 'unknown';

/** Why a row waits that the first start will believe. */
export const awaitsFirstStart = 'it has no MAC, and the first server of this version that starts takes it as it is';

/**
 * Judges every row. A row that was trusted `before`, and has the same facts, stays so while the key-encryption key that its
 * MAC was made under is missing. For a server that starts, this may be the first start of this version.
 */
export async function judgeKeys(
  {
    keys,
    verifyOnly,
    opened,
  }: { keys: readonly KeyRecord[]; verifyOnly: readonly VerifyOnlyKey[]; opened: OpenedKeys },
  { before, reader }: { before: Trust; reader: Reader },
  macs: Pick<FactsMacs, 'check' | 'idsAtHand'>,
): Promise<Trust> {
  // Only what waits asks for them.
  const waits = (known: Trust['signing']) => (row: Row) => typeof known.get(row.kid)?.among === 'string';
  const isWaiting = keys.some(waits(before.signing)) || verifyOnly.some(waits(before.verifyOnly));
  const idsAtHand = isWaiting ? await macs.idsAtHand() : null;
  const withoutMac = findWithoutMac([...keys, ...verifyOnly], opened, reader);
  async function judgeAll(rows: readonly Row[], known: Trust['signing'], others: readonly string[]) {
    const doubles = findDoubles([...rows.map(({ kid }) => kid), ...others]);
    const found = rows.map((row) => findOut(row, known.get(row.kid), { opened, withoutMac, idsAtHand }));
    const checks = await checkMacs(found, macs);
    const judging = found.map(async (each, at): Promise<[string, Judged]> => {
      const isDouble = doubles.has(each.row.kid);
      const { row, facts, kept } = each;
      if (kept !== null && !isDouble) return [row.kid, kept];
      const check = checks.get(at);
      const verdict = isDouble ? double : await judgeRow(each, check);
      const among = verdict.kind === 'waiting' && check?.kind === 'unknown-key' ? check.among : null;
      return [row.kid, { facts, mac: row.factsMac, part: partOf(row), verdict, among }];
    });
    return new Map(await Promise.all(judging));
  }
  const signing = await judgeAll(keys, before.signing, []);
  const taken = [...signing].filter(([, { verdict }]) => verdict.kind === 'trusted').map(([kid]) => kid);
  const foreign = await judgeAll(verifyOnly, before.verifyOnly, taken);
  const isAhead = withoutMac === 'adoptable' && [...signing.values(), ...foreign.values()].some(isAwaitingFirstStart);
  return { signing, verifyOnly: foreign, firstStart: withoutMac === 'adopted' ? 'here' : isAhead ? 'ahead' : null };
}

export function isAwaitingFirstStart({ verdict }: Pick<Judged, 'verdict'>): boolean {
  return verdict.kind === 'waiting' && verdict.reason === awaitsFirstStart;
}

/** A row, and what is known of it before its MAC is checked. */
type Found = {
  readonly row: Row;
  readonly facts: string | null;
  readonly openedKey: OpenedKey | undefined;
  /** Whether these facts were trusted before. */
  readonly wasTrusted: boolean;
  /** Whether that was by this MAC. It is not checked again. */
  readonly isAsBefore: boolean;
  /** The verdict of before, where no change can have come of it: there may be very many such rows. */
  readonly kept: Judged | null;
  readonly withoutMac: WithoutMac;
};

function partOf(row: Row): string | null {
  return 'succeeds' in row ? row.sealedPrivateKey : null;
}

function findOut(
  row: Row,
  known: Judged | undefined,
  { opened, withoutMac, idsAtHand }: { opened: OpenedKeys; withoutMac: WithoutMac; idsAtHand: string | null },
): Found {
  const facts = encodeFacts(row);
  const wasTrusted = known?.verdict.kind === 'trusted' && known.facts === facts;
  const isAsBefore = wasTrusted && row.factsMac !== null && known.mac === row.factsMac;
  const isSame = known?.facts === facts && known.mac === row.factsMac && known.part === partOf(row);
  const isStill = known?.verdict.kind === 'rejected' ? known.verdict !== double : isStillWaiting(known, idsAtHand);
  const kept = isSame && isStill ? known : null;
  const openedKey = 'succeeds' in row ? opened.get(row.kid) : undefined;
  return { row, facts, openedKey, wasTrusted, isAsBefore, kept, withoutMac };
}

function isStillWaiting(known: Judged | undefined, idsAtHand: string | null): boolean {
  return known?.verdict.kind === 'waiting' && known.among !== null && known.among === idsAtHand;
}

/**
 * This version has started before once any row has a MAC, or any private part says that its row has one. Else, what says
 * that it has not is a private part that opens and says nothing: nobody without the key-encryption key can make one. So neither a
 * MAC that is taken away nor all of them make this a first start again; private parts from before it, put back in place of all
 * others, do, as long as the key-encryption key that opens them is at hand.
 */
function findWithoutMac(rows: readonly Row[], opened: OpenedKeys, reader: Reader): WithoutMac {
  if (rows.some(({ factsMac }) => factsMac !== null)) return 'rejected';
  const open = [...opened.values()].filter(({ fault }) => fault === null);
  if (open.length > 0) {
    if (reader === 'running server' || open.some(({ isMacMade }) => isMacMade)) return 'rejected';
    return reader === 'command' ? 'adoptable' : 'adopted';
  }
  return [...opened.values()].some(({ fault }) => fault instanceof WrongKeyEncryptionKey) ? 'unknown' : 'rejected';
}

/** By the place of each. */
async function checkMacs(
  found: readonly Found[],
  macs: Pick<FactsMacs, 'check'>,
): Promise<ReadonlyMap<number, MacCheck>> {
  const claims = found.flatMap(({ row: { kid, factsMac: mac }, facts, isAsBefore, kept }, place) =>
    facts === null || mac === null || isAsBefore || kept !== null ? [] : [{ place, kid, facts, mac }],
  );
  const checks = await macs.check(claims);
  return new Map(checks.map((check, at) => [claims[at]?.place ?? -1, check]));
}

const trusted: Verdict = { kind: 'trusted' };
const rejected = (reason: string): Verdict => ({ kind: 'rejected', reason });
const noKey = rejected('its public key is none');
const double = rejected('another row has its kid, too');

async function judgeRow(found: Found, check: MacCheck | undefined): Promise<Verdict> {
  const { row, facts, openedKey, wasTrusted, isAsBefore } = found;
  if (facts === null) return rejected('its facts are not those of a key');
  if (openedKey?.fault instanceof MismatchedKeyPair) return rejected('its private part is that of another public key');
  if (row.factsMac === null) return judgeWithoutMac(found);
  if (isAsBefore) return trusted;
  // Nobody could verify with it.
  if (check?.kind === 'valid') return (await importPublicKey(row)) === null ? noKey : trusted;
  if (check?.kind === 'unknown-key') return wasTrusted ? trusted : { kind: 'waiting', reason: check.reason };
  return rejected('its MAC is not that of its facts: it was changed');
}

/** Made before there were MACs, by a replica of the version before, or by somebody else. */
async function judgeWithoutMac({ row, openedKey, wasTrusted, withoutMac }: Found): Promise<Verdict> {
  // Sealed for this kid, and the part of this public key: that much is as good as a MAC.
  if (openedKey?.fault === null) return openedKey.isMacMade ? rejected('its MAC was taken away') : trusted;
  // Looking at the key itself takes a while, and is for those alone that may be believed.
  if (withoutMac === 'rejected' || withoutMac === 'unknown') {
    const fault = openedKey?.fault instanceof WrongKeyEncryptionKey ? openedKey.fault : null;
    if (fault !== null && wasTrusted) return trusted;
    if (fault === null && withoutMac === 'rejected') return rejected('it has no MAC');
    return { kind: 'waiting', reason: fault?.message ?? 'It has no MAC, and no private part here can be opened.' };
  }
  if ('succeeds' in row && !(await isOwnName(row)))
    return rejected('its kid is a thumbprint, and not the one of its public key');
  if ((await importPublicKey(row)) === null) return noKey;
  return withoutMac === 'adopted' ? trusted : { kind: 'waiting', reason: awaitsFirstStart };
}
