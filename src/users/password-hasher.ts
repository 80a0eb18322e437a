/**
 * Hashes passwords with argon2id, a few at a time. Owns the queue in which they wait; how a hash is written is the business
 * of password-hash.ts.
 */
import { type HashOptions, argon2id, hash as argon2 } from 'argon2';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { Overloaded } from '../unavailable.ts';
import { type PasswordCost, formatHash, isCheaper, parseHash } from './password-hash.ts';
import { preparePassword } from './password.ts';

const SALT_BYTES = 16;
const TAG_BYTES = 32;

export type PasswordHasher = {
  /**
   * The PHC string of a password that `findPasswordFault` accepts. `salt` is random except in known-answer tests. Throws
   * `RangeError` for what can be nobody's password, and `Overloaded` when too many wait.
   */
  hash(password: string, salt?: Buffer): Promise<string>;
  /**
   * Whether `password` belongs to the stored hash, and whether that should now be made again because it cost less than
   * new ones. `encoded` is null for an unknown user: like a malformed hash, it takes the work of a new hash and never
   * matches; a hash that cost less takes that work, too, so that the time tells nothing. Throws `Overloaded` when too many
   * wait.
   */
  verify(encoded: string | null, password: string): Promise<{ ok: boolean; rehash: boolean }>;
  /** How many passwords are hashed now, and how many wait for it. */
  queue(): { readonly running: number; readonly waiting: number };
  /** The most that may wait. */
  readonly mostWaiting: number;
};

/** argon2, or what stands for it. */
export type ComputeTag = (prepared: string, options: HashOptions & { raw: true }) => Promise<Buffer>;

/** What a single process lets wait: seconds of work. */
const LONGEST_QUEUE = 100;

/** Below it a queue would turn away those who come together by chance. */
const SHORTEST_QUEUE = 20;

/**
 * Makes the hasher of this process. `processes` that hash passwords on this machine divide the cores, and the room to wait,
 * so that all of them together keep nobody waiting for longer than one alone would. `compute` is argon2, except in tests
 * that hold it or count its calls.
 */
export function createPasswordHasher({
  cost,
  processes = 1,
  compute = argon2,
}: {
  cost: PasswordCost;
  processes?: number;
  compute?: ComputeTag;
}): PasswordHasher {
  // One for each core, but never all four threads of libuv, which sign tokens and read files as well.
  const limit = pLimit(Math.max(1, Math.min(Math.floor(availableParallelism() / processes), 3)));
  const mostWaiting = Math.max(SHORTEST_QUEUE, Math.floor(LONGEST_QUEUE / processes));

  async function computeTag(prepared: string, spent: PasswordCost, salt: Buffer, tagBytes: number): Promise<Buffer> {
    if (limit.pendingCount >= mostWaiting) throw new Overloaded('Too many passwords wait to be hashed.');
    return limit(() =>
      compute(prepared, {
        raw: true,
        type: argon2id,
        memoryCost: spent.memoryKiB,
        timeCost: spent.passes,
        parallelism: spent.lanes,
        salt,
        hashLength: tagBytes,
      }),
    );
  }

  return {
    async hash(password, salt = randomBytes(SALT_BYTES)) {
      const prepared = preparePassword(password);
      if (prepared === null) throw new RangeError('A password must be well-formed Unicode of a bounded length');
      return formatHash({ cost, salt, tag: await computeTag(prepared, cost, salt, TAG_BYTES) });
    },
    async verify(encoded, password) {
      const stored = encoded === null ? null : parseHash(encoded);
      const prepared = preparePassword(password);
      const { cost: spent, salt, tag } = stored ?? { ...DECOY, cost };
      const isSame = timingSafeEqual(await computeTag(prepared ?? '', spent, salt, tag.length), tag);
      const ok = isSame && stored !== null && prepared !== null;
      // A hash from before the cost was raised would tell, by answering sooner or later, that there is such a user. Whether
      // the password was right has no say in it: the account may be disabled.
      const left = workLeft(spent, cost);
      if (left !== null) await computeTag(prepared ?? '', left, DECOY.salt, DECOY.tag.length);
      return { ok, rehash: ok && isCheaper(spent, cost) };
    },
    queue: () => ({ running: limit.activeCount, waiting: limit.pendingCount }),
    mostWaiting,
  };
}

/** Of the sizes that `hash` stores; its cost is the hasher's. */
const DECOY = { salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) };

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
