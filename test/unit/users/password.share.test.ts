/** What one of several processes on a machine takes for itself. */
import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { atOnce } from '../../../src/throttling/at-once.ts';
import { Throttled } from '../../../src/throttling/throttled.ts';
import { Overloaded } from '../../../src/unavailable.ts';
import { OWASP_FLOOR } from '../../../src/users/password-hash.ts';
import { type ComputeTag, createPasswordHasher } from '../../../src/users/password-hasher.ts';

const forEver = () => new Promise<never>(() => undefined);

/** How many one network may have at once. */
async function roomOfOneNetwork(mostWaiting: number): Promise<number> {
  const run = atOnce(mostWaiting);
  for (let n = 0; n < 200; n += 1) {
    const refused = run('192.0.2.1', forEver).catch((error: unknown) => error instanceof Throttled);
    // By then a refusal is there, and work for ever never is.
    const later = new Promise<boolean>((resolve) => setImmediate(resolve, false));
    if (await Promise.race([refused, later])) return n;
  }
  return Infinity;
}

describe('the cores and the queue for passwords', () => {
  it.each([
    [1, 100, 50],
    [2, 50, 25],
    [4, 25, 12],
    [64, 20, 10],
  ])('are divided among %i processes: %i may wait, of one network %i', async (processes, longest, ofOne) => {
    const held = Promise.withResolvers<Buffer>();
    const compute: ComputeTag = () => held.promise;
    const hasher = createPasswordHasher({ cost: OWASP_FLOOR, processes, compute });
    expect(await roomOfOneNetwork(hasher.mostWaiting)).toBe(ofOne);
    const most = Math.max(1, Math.min(Math.floor(availableParallelism() / processes), 3));
    const asked = Array.from({ length: most + longest + 5 }, () =>
      hasher.hash('correct horse battery').catch((error: unknown) => error),
    );
    // The limiter begins a turn later than it is asked.
    await new Promise((resolve) => setImmediate(resolve));
    expect(hasher.queue()).toEqual({ running: most, waiting: longest });
    held.resolve(Buffer.alloc(32));
    const refused = (await Promise.all(asked)).filter((outcome) => outcome instanceof Overloaded);
    expect(refused.length).toBeGreaterThanOrEqual(5);
    expect(refused.length).toBeLessThanOrEqual(5 + most);
  });
});
