import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Looks again and again until `look` neither throws nor says false, and returns what it returned then. The limit, in
 * seconds, is for what never comes to be; it says nothing of how fast things are.
 */
export async function waitFor<T>(look: () => T | Promise<T>, limit = 60): Promise<Exclude<T, false>> {
  const until = performance.now() + limit * 1000;
  for (;;) {
    const isLast = performance.now() > until;
    try {
      const found = await look();
      // The compiler does not follow this for a type that it does not know.
      if (found !== false) return found as Exclude<T, false>;
    } catch (error) {
      if (isLast) throw error;
    }
    if (isLast) throw new Error(`This has not come to be within ${limit} seconds: ${String(look)}`);
    await sleep(20);
  }
}
