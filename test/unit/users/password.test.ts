import { hash as argon2 } from 'argon2';
import fc from '../../support/property.ts';
import { argon2Sync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { OWASP_FLOOR, type PasswordCost } from '../../../src/users/password-hash.ts';
import { type ComputeTag, type PasswordHasher, createPasswordHasher } from '../../../src/users/password-hasher.ts';
import { preparePassword } from '../../../src/users/password.ts';

type Call = Parameters<ComputeTag>[1];

/** A hasher by the real argon2, with its calls on record: equal work is shown by equal calls, never by a stopwatch. */
function createRecordingHasher(cost: PasswordCost): { calls: Call[]; hasher: PasswordHasher } {
  const calls: Call[] = [];
  const compute: ComputeTag = (prepared, options) => {
    calls.push(options);
    return argon2(prepared, options);
  };
  return { calls, hasher: createPasswordHasher({ cost, compute }) };
}

const hashPassword = (password: string, cost: PasswordCost, salt?: Buffer) =>
  createPasswordHasher({ cost }).hash(password, salt);
const verifyPassword = (encoded: string | null, password: string, cost: PasswordCost) =>
  createPasswordHasher({ cost }).verify(encoded, password);

const CHEAP = { memoryKiB: 64, passes: 1, lanes: 1 };

/** What the reference implementation printed: `printf %s 'password' | argon2 'salt' -id -v 13 -k m -t t -p p -l length -e` */
const REFERENCE = [
  {
    password: 'correct horse battery staple',
    salt: 'somesalt12345678',
    cost: OWASP_FLOOR,
    encoded: '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA$iqbHhgtqJMWWf23kIatRWniYNRyhFWif/l6I+m/2Exw',
  },
  {
    password: 'password',
    salt: 'somesalt12345678',
    cost: CHEAP,
    encoded: '$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQxMjM0NTY3OA$KovyxkqWI8NiIbnVTsHJGtWda07axUqoJVIuPotqICc',
  },
];

describe('a hash', () => {
  test.each(REFERENCE)(
    'is what the reference implementation writes: $encoded',
    async ({ password, salt, cost, encoded }) => {
      expect(await hashPassword(password, cost, Buffer.from(salt))).toBe(encoded);
    },
  );

  test('agrees with the argon2 built into Node, whatever the password', async () => {
    const inputs = fc.record({
      password: fc.string({ unit: 'grapheme' }),
      salt: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      cost: fc.constantFrom(CHEAP, { memoryKiB: 96, passes: 3, lanes: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(inputs, async ({ password, salt, cost }) => {
        const tag = argon2Sync('argon2id', {
          message: password.normalize('NFKC'),
          nonce: salt,
          parallelism: cost.lanes,
          tagLength: 32,
          memory: cost.memoryKiB,
          passes: cost.passes,
        });
        const encoded = await hashPassword(password, cost, Buffer.from(salt));
        expect(encoded.split('$').at(-1)).toBe(tag.toString('base64').replace(/=+$/, ''));
      }),
    );
  });

  test('has its parameters in the standard order and its base64 without padding', async () => {
    expect(await hashPassword('a passphrase', OWASP_FLOOR)).toMatch(
      /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
    );
  });

  test('is salted afresh every time', async () => {
    expect(await hashPassword('a passphrase', CHEAP)).not.toBe(await hashPassword('a passphrase', CHEAP));
  });

  test.each([
    ['with a lone surrogate', 'pass\uD83Dword'],
    ['longer than 256 characters can be', 'a'.repeat(2049)],
  ])('is never made of a password %s', async (_, password) => {
    const { calls, hasher } = createRecordingHasher(CHEAP);
    await expect(hasher.hash(password)).rejects.toThrow(RangeError);
    expect(calls).toEqual([]);
  });
});

describe('verification', () => {
  test.each(REFERENCE)(
    'knows a hash of the reference implementation: $encoded',
    async ({ password, cost, encoded }) => {
      expect(await verifyPassword(encoded, password, cost)).toEqual({ ok: true, rehash: false });
      expect(await verifyPassword(encoded, `${password}.`, cost)).toEqual({ ok: false, rehash: false });
    },
  );

  test('knows a hash with a shorter salt and tag, and more lanes', async () => {
    const encoded = '$argon2id$v=19$m=1024,t=3,p=4$c29tZXNhbHQxMjM0$LTkjBUHiXJ0hJZlfvK71qLtN/b1FRFOR';
    expect((await verifyPassword(encoded, 'an imported password', CHEAP)).ok).toBe(true);
  });

  test.each(['m=64,p=1,t=1', 't=1,m=64,p=1', 'p=1,t=1,m=64'])(
    'knows parameters in the order %s',
    async (parameters) => {
      const encoded = (await hashPassword('a passphrase', CHEAP)).replace('m=64,t=1,p=1', parameters);
      expect(await verifyPassword(encoded, 'a passphrase', CHEAP)).toEqual({ ok: true, rehash: false });
    },
  );

  test.each([
    ['composed and decomposed', 'Zoë, 나의 암호', 'Zoë, 나의 암호'.normalize('NFD')],
    ['wide and narrow', 'ｐａｓｓ ﬁｖｅ', 'pass five'],
  ])('takes %s spellings for one password', async (_, chosen, typed) => {
    expect(chosen).not.toBe(typed);
    expect((await verifyPassword(await hashPassword(chosen, CHEAP), typed, CHEAP)).ok).toBe(true);
    expect((await verifyPassword(await hashPassword(typed, CHEAP), chosen, CHEAP)).ok).toBe(true);
  });

  test.each([
    'A passphrase',
    'a passphrase ',
    ' a passphrase',
    'a  passphrase',
    'a passphrase\0',
    'a passphrase\n',
    '',
  ])('takes every character as it is: %j is another password', async (typed) => {
    const encoded = await hashPassword('a passphrase', CHEAP);
    expect(await verifyPassword(encoded, typed, CHEAP)).toEqual({ ok: false, rehash: false });
  });

  test('does not confuse lone surrogates with what UTF-8 makes of them', async () => {
    const encoded = await hashPassword('pass\uFFFDword', CHEAP);
    expect((await verifyPassword(encoded, 'pass\uFFFDword', CHEAP)).ok).toBe(true);
    expect((await verifyPassword(encoded, 'pass\uD83Dword', CHEAP)).ok).toBe(false);
  });

  test('does not take an impossible password for the empty one', async () => {
    const encoded = await hashPassword('', CHEAP);
    expect((await verifyPassword(encoded, '\uD83D', CHEAP)).ok).toBe(false);
    expect((await verifyPassword(encoded, 'a'.repeat(2049), CHEAP)).ok).toBe(false);
  });

  const [salt, tag] = ['c29tZXNhbHQxMjM0NTY3OA', 'KovyxkqWI8NiIbnVTsHJGtWda07axUqoJVIuPotqICc'];
  test.each([
    '',
    'password',
    `$argon2i$v=19$m=64,t=1,p=1$${salt}$${tag}`,
    `$argon2id$v=16$m=64,t=1,p=1$${salt}$${tag}`,
    `$argon2id$m=64,t=1,p=1$${salt}$${tag}`,
    `$argon2id$v=19$m=64,t=1$${salt}$${tag}`,
    `$argon2id$v=19$m=64,t=1,t=1$${salt}$${tag}`,
    `$argon2id$v=19$m=64,t=1,p=1,m=64$${salt}$${tag}`,
    `$argon2id$v=19$m=0,t=1,p=1$${salt}$${tag}`,
    `$argon2id$v=19$m=64,t=0,p=1$${salt}$${tag}`,
    `$argon2id$v=19$m=64,t=1,p=0$${salt}$${tag}`,
    `$argon2id$v=19$m=64,t=1,p=9$${salt}$${tag}`,
    `$argon2id$v=19$m=4294967296,t=1,p=1$${salt}$${tag}`,
    `$argon2id$v=19$m=-64,t=1,p=1$${salt}$${tag}`,
    `$argon2id$v=19$m=64,t=1,p=1$c29tZQ$${tag}`,
    `$argon2id$v=19$m=64,t=1,p=1$${salt}$Koty`,
    `$argon2id$v=19$m=64,t=1,p=1$${salt}$`,
    `$argon2id$v=19$m=64,t=1,p=1$${salt}$${tag}=`,
    `$argon2id$v=19$m=64,t=1,p=1$${salt}$${tag}\n`,
    ` $argon2id$v=19$m=64,t=1,p=1$${salt}$${tag}`,
    '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
  ])('answers no for the malformed hash %j', async (encoded) => {
    expect(await verifyPassword(encoded, 'password', CHEAP)).toEqual({ ok: false, rehash: false });
  });
});

describe('a rehash', () => {
  const stored = { memoryKiB: 128, passes: 2, lanes: 2 };

  test.each([
    ['memory', { ...stored, memoryKiB: 129 }],
    ['passes', { ...stored, passes: 3 }],
    ['lanes', { ...stored, lanes: 3 }],
    ['memory for fewer passes', { ...stored, memoryKiB: 256, passes: 1 }],
  ])('is due when the wanted cost has more %s', async (_, wanted) => {
    const encoded = await hashPassword('a passphrase', stored);
    expect(await verifyPassword(encoded, 'a passphrase', wanted)).toEqual({ ok: true, rehash: true });
    expect(await verifyPassword(encoded, 'another one', wanted)).toEqual({ ok: false, rehash: false });
  });

  test.each([
    ['equal', stored],
    ['lower', CHEAP],
  ])('is not due when the wanted cost is %s', async (_, wanted) => {
    const encoded = await hashPassword('a passphrase', stored);
    expect(await verifyPassword(encoded, 'a passphrase', wanted)).toEqual({ ok: true, rehash: false });
  });
});

describe('the work of a refusal', () => {
  const cost = { memoryKiB: 128, passes: 2, lanes: 2 };

  /** Every call of argon2 that `verify` makes, without its secrets, of which only the sizes cost time. */
  async function callsOf(encoded: string | null, password: string) {
    const { calls, hasher } = createRecordingHasher(cost);
    await hasher.verify(encoded, password);
    return calls.map((options) => ({ ...options, salt: options.salt?.length }));
  }

  test('is one hash of the wanted cost, for a wrong password and for everything else [ASVS-6.3.8]', async () => {
    const encoded = await hashPassword('a passphrase', cost);
    const wrongPassword = await callsOf(encoded, 'another one');
    expect(wrongPassword).toEqual([
      { raw: true, type: 2, memoryCost: 128, timeCost: 2, parallelism: 2, salt: 16, hashLength: 32 },
    ]);
    expect(await callsOf(null, 'another one')).toEqual(wrongPassword);
    expect(await callsOf('malformed', 'another one')).toEqual(wrongPassword);
    expect(await callsOf(encoded, 'pass\uD83Dword')).toEqual(wrongPassword);
    expect(await callsOf(null, 'pass\uD83Dword')).toEqual(wrongPassword);
    expect(await callsOf(encoded, 'a'.repeat(1_000_000))).toEqual(wrongPassword);
    expect(await callsOf(null, 'a'.repeat(1_000_000))).toEqual(wrongPassword);
  });

  test.each([
    ['memory', { memoryKiB: 64, passes: 2, lanes: 2 }],
    ['passes', { memoryKiB: 128, passes: 1, lanes: 2 }],
    ['both', { memoryKiB: 64, passes: 1, lanes: 2 }],
    ['nothing but a little memory', { memoryKiB: 127, passes: 2, lanes: 2 }],
    ['memory, for more passes', { memoryKiB: 32, passes: 4, lanes: 2 }],
  ])('is about as much where the stored hash cost less %s, be the password wrong or right', async (_, cheaper) => {
    const encoded = await hashPassword('a passphrase', cheaper);
    const workOf = (calls: Awaited<ReturnType<typeof callsOf>>) =>
      calls.reduce((sum, { memoryCost = 0, timeCost = 0 }) => sum + memoryCost * timeCost, 0);
    const ofUnknown = workOf(await callsOf(null, 'another one'));
    for (const password of ['another one', 'a passphrase', '\uD83D']) {
      const work = workOf(await callsOf(encoded, password));
      // What argon2 cannot do any smaller is left out.
      expect(Math.abs(work - ofUnknown)).toBeLessThan(8 * cost.lanes * cost.passes);
    }
  });

  test('an unknown user is never let in', async () => {
    expect(await verifyPassword(null, '', cost)).toEqual({ ok: false, rehash: false });
  });
});

describe('preparation', () => {
  test('is NFKC and nothing else', () => {
    expect(preparePassword(' Ünï\u0301 ﬁ\t\0 ')).toBe(' Ünḯ fi\t\0 ');
  });

  test('leaves room for 256 characters in the longest spelling', () => {
    expect(preparePassword('ᾂ'.repeat(256).normalize('NFD'))).toBe('ᾂ'.repeat(256));
  });
});
