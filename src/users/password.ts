/**
 * Passwords as argon2id hashes in the PHC string form that libargon2, passlib and PHP read too, so that accounts can
 * come from elsewhere and leave again. Which passwords are accepted is the business of password-policy.ts.
 */
import { argon2id, hash } from 'argon2';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { Overloaded } from '../unavailable.ts';

/** What one guess costs: memory in KiB, passes over it, lanes computed in parallel (RFC 9106, 3.1). */
export type PasswordCost = { readonly memoryKiB: number; readonly passes: number; readonly lanes: number };

/** The least that OWASP's Password Storage Cheat Sheet accepts for argon2id. */
export const OWASP_FLOOR: PasswordCost = { memoryKiB: 19456, passes: 2, lanes: 1 };

/** In code points, after NFKC. */
export const MAX_PASSWORD_LENGTH = 256;

/** A code point of NFKC comes of at most 4, each of at most 2 UTF-16 units. */
const MAX_INPUT_UNITS = MAX_PASSWORD_LENGTH * 4 * 2;

const SALT_BYTES = 16;
const TAG_BYTES = 32;

type PasswordHash = { readonly cost: PasswordCost; readonly salt: Buffer; readonly tag: Buffer };

/**
 * NFKC and nothing else: no trimming, no case change (NIST SP 800-63B-3, 5.1.1.2). Null for what can be nobody's password:
 * lone surrogates, which UTF-8 would turn into one another, and input beyond what 256 characters can come from, on which
 * NFKC, quadratic in its length, would take seconds.
 */
export function preparePassword(password: string): string | null {
  return password.length <= MAX_INPUT_UNITS && password.isWellFormed() ? password.normalize('NFKC') : null;
}

/** The PHC string of a password that `findPasswordFault` accepts. `salt` is random except in known-answer tests. */
export async function hashPassword(
  password: string,
  cost: PasswordCost,
  salt: Buffer = randomBytes(SALT_BYTES),
): Promise<string> {
  const prepared = preparePassword(password);
  if (prepared === null) throw new RangeError('A password must be well-formed Unicode of a bounded length');
  return format({ cost, salt, tag: await computeTag(prepared, cost, salt, TAG_BYTES) });
}

/**
 * Whether `password` belongs to the stored hash, and whether that should now be made again because it cost less than
 * `cost`. `encoded` is null for an unknown user: like a malformed hash, it takes the work of a hash of `cost` and never
 * matches; a hash that cost less takes that work, too, so that the time tells nothing.
 */
export async function verifyPassword(
  encoded: string | null,
  password: string,
  cost: PasswordCost,
): Promise<{ ok: boolean; rehash: boolean }> {
  const stored = encoded === null ? null : parse(encoded);
  const prepared = preparePassword(password);
  const { cost: spent, salt, tag } = stored ?? { ...DECOY, cost };
  const isSame = timingSafeEqual(await computeTag(prepared ?? '', spent, salt, tag.length), tag);
  const ok = isSame && stored !== null && prepared !== null;
  // A hash from before the cost was raised would tell, by answering sooner or later, that there is such a user. Whether the
  // password was right has no say in it: the account may be disabled.
  const left = workLeft(spent, cost);
  if (left !== null) await computeTag(prepared ?? '', left, DECOY.salt, DECOY.tag.length);
  return { ok, rehash: ok && isCheaper(spent, cost) };
}

/**
 * What takes about as long as a hash of `cost` does beyond one of `spent`, work being memory times passes; null when that
 * is nothing. The smaller memory may sit better in a cache: some percent of the time still tell. So does a hash that costs
 * more than `cost`, such as one from elsewhere, or from before the cost was lowered.
 */
function workLeft(spent: PasswordCost, cost: PasswordCost): PasswordCost | null {
  const workOf = ({ memoryKiB, passes, lanes }: PasswordCost) => (memoryKiB * passes) / lanes;
  const memoryKiB = Math.round(((workOf(cost) - workOf(spent)) * cost.lanes) / cost.passes);
  // The least that argon2 takes (RFC 9106, 3.1).
  return memoryKiB < 8 * cost.lanes ? null : { ...cost, memoryKiB };
}

/** Of the sizes that `hashPassword` stores; its cost is the caller's. */
const DECOY = { salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) };

/** One for each core, but never all four threads of libuv, which sign tokens and read files as well. */
const workers = pLimit(Math.min(availableParallelism(), 3));

/** How many may wait for a worker: seconds of work. Whoever comes then is told to come again. */
let longestQueue = 100;

/** Below it a queue would turn away those who come together by chance. */
const SHORTEST_QUEUE = 20;

/**
 * Divides the cores, and the room to wait, among `processes` that hash passwords on this machine, so that all of them
 * together keep nobody waiting for longer than one alone would.
 */
export function shareHashing(processes: number): void {
  workers.concurrency = Math.max(1, Math.min(Math.floor(availableParallelism() / processes), 3));
  longestQueue = Math.max(SHORTEST_QUEUE, Math.floor(100 / processes));
}

/** How many passwords this process lets wait. */
export function passwordRoom(): number {
  return longestQueue;
}

/** How many passwords this process hashes now, and how many wait for it. */
export function passwordQueue(): { readonly running: number; readonly waiting: number } {
  return { running: workers.activeCount, waiting: workers.pendingCount };
}

async function computeTag(prepared: string, cost: PasswordCost, salt: Buffer, tagBytes: number): Promise<Buffer> {
  if (workers.pendingCount >= longestQueue) throw new Overloaded('Too many passwords wait to be hashed.');
  return workers(() =>
    hash(prepared, {
      raw: true,
      type: argon2id,
      memoryCost: cost.memoryKiB,
      timeCost: cost.passes,
      parallelism: cost.lanes,
      salt,
      hashLength: tagBytes,
    }),
  );
}

function isCheaper(a: PasswordCost, b: PasswordCost): boolean {
  return a.memoryKiB < b.memoryKiB || a.passes < b.passes || a.lanes < b.lanes;
}

/** Parameters in the order m, t, p: argon2 0.45.1 itself writes m, p, t, which libargon2 and passlib refuse. */
function format({ cost, salt, tag }: PasswordHash): string {
  return `$argon2id$v=19$m=${cost.memoryKiB},t=${cost.passes},p=${cost.lanes}$${toBase64(salt)}$${toBase64(tag)}`;
}

/** The PHC specification wants base64 without padding. */
function toBase64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

const ENCODED = /^\$argon2id\$v=19\$([mtp]=\d+(?:,[mtp]=\d+){2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Null unless argon2id 1.3 within the bounds of RFC 9106, 3.1, with its parameters in any order and 16 bytes of tag. */
function parse(encoded: string): PasswordHash | null {
  const [, list = '', salt = '', tag = ''] = ENCODED.exec(encoded) ?? [];
  const parameters = new Map(list.split(',').map((parameter) => [parameter.slice(0, 1), Number(parameter.slice(2))]));
  const memoryKiB = parameters.get('m') ?? 0;
  const passes = parameters.get('t') ?? 0;
  const lanes = parameters.get('p') ?? 0;
  const read = {
    cost: { memoryKiB, passes, lanes },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
  const isCostValid =
    lanes >= 1 && lanes < 2 ** 24 && passes >= 1 && passes < 2 ** 32 && memoryKiB >= 8 * lanes && memoryKiB < 2 ** 32;
  return isCostValid && read.salt.length >= 8 && read.tag.length >= 16 ? read : null;
}
