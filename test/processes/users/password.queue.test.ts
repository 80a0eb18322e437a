/** Passwords under load, over real connections: what waits is bounded, and nothing else waits with it. */
import { Agent, request as send } from 'node:http';
import { describe, expect, it } from 'vitest';
import { signIn } from '../../support/oauth.ts';
import { atFullCost, password } from '../../support/passwords.ts';
import { startTessera } from '../../support/tessera.ts';
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

/** Asks on a connection that is open already. */
function fetchQuick(agent: Agent, port: number, path: string, headers: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    send({ agent, port, path, headers }, (reply) => {
      reply.resume();
      if (reply.statusCode === 200) reply.on('end', resolve);
      else reject(new Error(`${path} was answered ${reply.statusCode ?? 0}`));
    })
      .on('error', reject)
      .end();
  });
}

describe('passwords that come faster than they can be looked at', () => {
  it('wait in a queue of 100; behind it the answer is to come again, while all else is answered at once [ASVS-6.3.1]', async () => {
    const tessera = await startTessera({}, atFullCost);
    const { tokens } = await signIn(tessera);
    const { port, close } = await listen(tessera.app);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const bearer = { Authorization: `Bearer ${tokens.access_token}` };
    const askQuick = async () => {
      await fetchQuick(agent, port, '/users/me', bearer);
      await fetchQuick(agent, port, '/.well-known/jwks.json', {});
    };
    await askQuick();

    const crowd = Promise.all(Array.from({ length: comers }, (_, n) => (n % 4 === 0 ? register(port) : logIn(port))));
    const progress = { isOver: false };
    void crowd.then(() => (progress.isOver = true));
    let answered = 0;
    for (; !progress.isOver; answered += 1) await askQuick();
    const replies = await crowd;

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

    // One that waited behind the crowd would be answered when most of it is.
    expect(answered).toBeGreaterThan(20);
    agent.destroy();
    close();
  });
});
