/** Passwords under load, over real connections: what waits is bounded, and nothing else waits with it. */
import { Agent, request as send } from 'node:http';
import { describe, expect } from 'vitest';
import { signIn } from '../../support/oauth.ts';
import { it, password } from '../../support/tessera.ts';
import { type WireReply, ask, listen } from '../../support/wire.ts';

const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const json = { 'Content-Type': 'application/json' };

function logIn(port: number): Promise<WireReply> {
  const fields = new URLSearchParams({ grant_type: 'password', username: 'nobody', password });
  return ask(port, 'POST', '/token', form, fields.toString());
}

/** One of them wins, all take the work. */
function register(port: number): Promise<WireReply> {
  return ask(port, 'POST', '/users', json, JSON.stringify({ username: 'grace', password }));
}

/** More at once than may wait and be at work. */
const comers = 200;

/** How long a request took on a connection that is open already, in milliseconds. */
async function timeOf(agent: Agent, port: number, path: string, headers: Record<string, string>): Promise<number> {
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    send({ agent, port, path, headers }, (reply) => {
      reply.resume();
      if (reply.statusCode === 200) reply.on('end', resolve);
      else reject(new Error(`${path} was answered ${reply.statusCode ?? 0}`));
    })
      .on('error', reject)
      .end();
  });
  return performance.now() - start;
}

function median(times: number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? NaN;
}

describe('passwords that come faster than they can be looked at', () => {
  it('wait in a queue of 100; behind it the answer is to come again, while all else is answered at once [ASVS-6.3.1]', async ({
    tessera,
  }) => {
    const { tokens } = await signIn(tessera);
    const { port, close } = await listen(tessera.app);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const bearer = { Authorization: `Bearer ${tokens.access_token}` };
    const quickOnes = async (count: number) => {
      const times: number[] = [];
      for (let n = 0; n < count; n += 1) {
        times.push(await timeOf(agent, port, '/users/me', bearer));
        times.push(await timeOf(agent, port, '/.well-known/jwks.json', {}));
      }
      return times;
    };
    await quickOnes(200);
    const idle = median(await quickOnes(50));

    const start = performance.now();
    const crowd = Promise.all(Array.from({ length: comers }, (_, n) => (n % 4 === 0 ? register(port) : logIn(port))));
    const isOver = crowd.then(() => performance.now());
    const progress = { isOver: false };
    void isOver.then(() => (progress.isOver = true));
    const busy: number[] = [];
    while (!progress.isOver) busy.push(...(await quickOnes(1)));
    const replies = await crowd;
    const crowdTook = (await isOver) - start;

    expect(replies.filter(({ status }) => status !== 503).length).toBeGreaterThanOrEqual(100);
    const turnedAway = Object.groupBy(
      replies.filter(({ status }) => status === 503),
      ({ headers }) => headers['content-type'] ?? '',
    );
    const { 'application/json': logins = [], 'application/problem+json': registrations = [], ...others } = turnedAway;
    expect(others).toEqual({});
    expect(Math.min(logins.length, registrations.length)).toBeGreaterThan(0);
    for (const { headers } of [...logins, ...registrations])
      expect(headers).toMatchObject({ 'retry-after': '1', 'cache-control': 'no-store' });
    for (const { body } of logins) expect(JSON.parse(body)).toMatchObject({ error: 'temporarily_unavailable' });
    for (const { body } of registrations)
      expect(JSON.parse(body)).toMatchObject({ title: 'Service Unavailable', status: 503 });

    // What waited behind the crowd would take a good part of its time.
    expect(median(busy)).toBeLessThan(10 * idle);
    expect(Math.max(...busy)).toBeLessThan(crowdTook / 4);
    agent.destroy();
    close();
  });
});
