import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { type PublishedKeys, fetchKeys, kidOf, kidsIn, requestToken, verify } from '../../support/jwks.ts';
import type { Installation } from '../../support/installation.ts';
import { addClient, query } from '../../support/installed-data.ts';
import { run } from '../../support/process.ts';
import { sharedServer } from '../../support/server-process.ts';
import { waitFor } from '../../support/wait.ts';

/** As short as the inequalities allow: a key is published for 4 s, signs for 4 s or more, and is kept for 3 s after that. */
const seconds = {
  KEY_ROTATE_EVERY: '4s',
  KEY_PUBLISH_BEFORE: '3s',
  JWKS_MAX_AGE: '1s',
  VERIFIER_CACHE: '1s',
  REPLICA_REFRESH: '1s',
  CLOCK_SKEW: '0s',
  ACCESS_TOKEN_LIFETIME: '1s',
};
const left = sharedServer(seconds);
// Time enough for a command before the standby is safe, on however slow a machine.
const rotated = sharedServer({ ...seconds, KEY_ROTATE_EVERY: '10m', KEY_PUBLISH_BEFORE: '40s' });

type Fact = { kid: string; published_at: number; activates_at: number };
type Sample = { keys: PublishedKeys; token: string };

function factsOf(installation: Installation): Fact[] {
  return query<Fact>(installation, 'select kid, published_at, activates_at from signing_keys');
}

/** What a client and a verifier see, again and again, until `isEnough`. */
async function watch(installation: Installation, isEnough: (samples: readonly Sample[]) => boolean): Promise<Sample[]> {
  const client = await addClient(installation, 'x');
  const samples: Sample[] = [];
  while (!isEnough(samples)) {
    const at = new Date();
    const token = await requestToken(installation.url, client);
    const keys = await fetchKeys(installation.url);
    await verify(token, keys, at);
    samples.push({ keys, token });
    await sleep(20);
  }
  return samples;
}

/** The signers in their order, each with the first sample that it signed. */
function signersIn(samples: readonly Sample[]): Map<string, Sample> {
  const signers = new Map<string, Sample>();
  for (const sample of samples) {
    const kid = kidOf(sample.token);
    if (!signers.has(kid)) signers.set(kid, sample);
  }
  return signers;
}

describe.concurrent('the life of keys, in seconds', () => {
  it('goes on by itself: each is published well before it signs, and leaves when its tokens have expired', async () => {
    // The next standby is made in time though nobody asks for anything.
    await waitFor(() => {
      expect(factsOf(left).length).toBeGreaterThanOrEqual(3);
    });
    const facts = new Map<string, Fact>();
    const samples = await watch(left, (soFar) => {
      for (const fact of factsOf(left)) facts.set(fact.kid, fact);
      const [, second] = signersIn(soFar).keys();
      const last = soFar.at(-1);
      return second !== undefined && last !== undefined && !kidsIn(last.keys).includes(second);
    });
    const signers = [...signersIn(samples)];
    expect(signers.length).toBeGreaterThanOrEqual(3);

    for (const [kid, first] of signers.slice(1)) {
      const fact = facts.get(kid);
      // Verifiers and replicas may be behind by 3 s, clocks by the part of a second that they do not tell.
      expect((fact?.activates_at ?? 0) - (fact?.published_at ?? Infinity)).toBeGreaterThanOrEqual(4);
      expect(decodeJwt(first.token).iat).toBeGreaterThanOrEqual(fact?.activates_at ?? Infinity);
      const published = samples.findIndex(({ keys }) => kidsIn(keys).includes(kid));
      expect(published).toBeLessThan(samples.indexOf(first));
    }
    for (const { keys, token } of samples) {
      const kids = kidsIn(keys);
      expect(new Set(kids).size).toBe(kids.length);
      // The signer, and a standby behind it in the order of succession.
      expect(kids.indexOf(kidOf(token))).toBeGreaterThanOrEqual(0);
      expect(kids.length).toBeGreaterThanOrEqual(2);
      expect(kids.at(-1)).not.toBe(kidOf(token));
    }
    // Who has signed once and stopped does not sign again.
    const order = samples.map(({ token }) => signers.findIndex(([kid]) => kid === kidOf(token)));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(left.printed.stderr).toBe('');
  });

  it('takes a rotation by hand, unforced, from the moment that was named as safe', async () => {
    const rotate = () => run('scripts/keys.ts', ['rotate', '--json'], rotated);
    const early = await rotate();
    expect(early.code).toBe(3);
    const { kid, safe_at: safeAt } = JSON.parse(early.stdout) as { kid: string; safe_at: string };
    await sleep(Date.parse(safeAt) - Date.now());

    // Of two at once, one is done: for the other it is too soon again, or the first was in its way.
    const ends = await Promise.all([rotate(), rotate()]);
    const [done, other] = ends.toSorted((a, b) => (a.code ?? 0) - (b.code ?? 0));
    expect(done?.code).toBe(0);
    expect([3, 5]).toContain(other?.code);
    expect(JSON.parse(done?.stdout ?? '{}')).toMatchObject({ state: 'rotated', kid });

    const samples = await watch(rotated, (soFar) => signersIn(soFar).has(kid));
    expect(kidsIn(samples.at(-1)?.keys ?? { keys: [] })).toHaveLength(3);
    expect(rotated.printed.stderr).toBe('');
  });
});
