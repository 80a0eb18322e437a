import { randomUUID } from 'node:crypto';
import { SignJWT, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { type Pair, jwkOf, newEc, newRsa, pemOf } from '../../support/keys/key-material.ts';
import { addClient, query, storedKids } from '../../support/installed-data.ts';
import { fetchKeys, isActive, kidOf, kidsIn, requestToken, verify } from '../../support/jwks.ts';
import { runCommand } from '../../support/command.ts';
import type { Installation } from '../../support/installation.ts';
import { launchServer, sharedServer } from '../../support/server-process.ts';
import { usedInstallation } from '../../support/used-installation.ts';
import { waitFor } from '../../support/wait.ts';

const server = sharedServer({ REPLICA_REFRESH: '1s', KEY_ALGORITHM: 'RS256' });

/** Seconds; the server beside looks at the keys more often by far. */
const soon = 20;

/** A command that succeeds. */
async function keys(installation: Installation, args: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await runCommand('keys', args, installation, input);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code ?? 'a signal'}: ${stderr}`);
  return stdout;
}

async function waitForKey({ url }: Installation, kid: string): Promise<void> {
  await waitFor(async () => {
    expect(kidsIn(await fetchKeys(url))).toContain(kid);
  }, soon);
}

/** The next token that is signed with `kid`. */
function waitForToken({ url }: Installation, kid: string, client: Parameters<typeof requestToken>[1]): Promise<string> {
  return waitFor(async () => {
    const token = await requestToken(url, client);
    expect(kidOf(token)).toBe(kid);
    return token;
  }, soon);
}

/** A token as this server would issue it, but for the key. */
function tokenOf({ url }: Installation, kid: string, { privateKey }: Pair): Promise<string> {
  const claims = {
    iss: url,
    aud: url,
    sub: 'usr_1',
    client_id: 'first-party',
    scope: 'profile:read',
    jti: randomUUID(),
  };
  const token = new SignJWT(claims).setIssuedAt().setExpirationTime('15m');
  return token.setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid }).sign(privateKey);
}

function eventsOf(installation: Installation, kid: string): string[] {
  const rows = query<{ type: string }>(
    installation,
    'select type from audit_events where subject = ? order by seq',
    kid,
  );
  return rows.map(({ type }) => type);
}

describe('beside a running server', () => {
  it('an imported standby is published at once, under the kid in its JWK, and signs after two rotations', async () => {
    const client = await addClient(server, 'tokens:introspect');
    const pair = newRsa();
    const jwk = { ...jwkOf(pair.privateKey), kid: 'legacy-2025', alg: 'RS256', use: 'sig' };
    await keys(server, ['import', '-'], JSON.stringify(jwk));
    await waitForKey(server, 'legacy-2025');
    expect(storedKids(server).indexOf('legacy-2025')).toBe(2);
    const early = await requestToken(server.url, client);
    expect(kidOf(early)).toBe(storedKids(server)[0]);

    for (let count = 0; count < 2; count += 1) await keys(server, ['rotate', '--force']);
    const token = await waitForToken(server, 'legacy-2025', client);
    const published = await fetchKeys(server.url);
    await verify(token, published);
    await verify(early, published);
    await jwtVerify(token, pair.publicKey, { issuer: server.url });
    expect(await isActive(server.url, client, token)).toBe(true);

    const [row] = query(server, "select sealed_private_key as sealed from signing_keys where kid = 'legacy-2025'");
    expect(row?.['sealed']).toMatch(/^v1\.[0-9a-f]{16}\./);
    expect(eventsOf(server, 'legacy-2025')).toEqual(['key.imported', 'key.activated']);
    expect(server.printed.stderr).toBe('');
  });

  it('a verify-only key is for third parties: what it signed is nothing to the server itself', async () => {
    const client = await addClient(server, 'tokens:introspect');
    const pair = newEc();
    await keys(server, ['import', '-', '--kid', 'other-issuer'], pemOf(pair.publicKey));
    await waitForKey(server, 'other-issuer');
    const token = await tokenOf(server, 'other-issuer', pair);
    await verify(token, await fetchKeys(server.url));

    const reply = await fetch(`${server.url}/users/me`, { headers: { Authorization: `Bearer ${token}` } });
    expect(reply.status).toBe(401);
    expect(reply.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(await isActive(server.url, client, token)).toBe(false);
    expect(server.printed.stderr).toBe('');
  });

  it('a verify-only key leaves the set and the table when its time is over, and is on record', async () => {
    await keys(server, ['import', '-', '--kid', 'short', '--for', '2s'], pemOf(newEc().publicKey));
    await waitFor(async () => {
      expect(query(server, "select kid from verify_only_keys where kid = 'short'")).toEqual([]);
    }, soon);
    expect(kidsIn(await fetchKeys(server.url))).not.toContain('short');
    expect(eventsOf(server, 'short')).toEqual(['key.imported', 'key.retired']);
    const [{ actor } = {}] = query(server, "select actor from audit_events where subject = 'short' order by seq desc");
    expect(JSON.parse(String(actor))).toEqual({ kind: 'schedule' });
    const [first, last] = query<{ at: number }>(server, "select at from audit_events where subject = 'short'");
    expect((last?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(2);
  });
});

describe('moving to another algorithm', () => {
  it('needs a restart and a rotation: tokens of both verify, and keys of the new kind may come in', async () => {
    const old = await usedInstallation({ REPLICA_REFRESH: '1s' });
    const client = await addClient(old, 'tokens:introspect');
    const before = launchServer(old);
    await before.ready;
    const rs256 = await requestToken(old.url, client);
    before.child.kill('SIGTERM');
    await before.ended;

    const moved = { ...old, environment: { ...old.environment, KEY_ALGORITHM: 'ES256' } };
    const { ready, printed } = launchServer(moved);
    await ready;
    const [, second, third = ''] = storedKids(moved);
    const { keys: published } = (await fetchKeys(moved.url)) as { keys: { kid: string; alg: string }[] };
    expect(published.map(({ alg }) => alg)).toEqual(['RS256', 'RS256', 'ES256']);
    expect(kidOf(await requestToken(moved.url, client))).toBe(kidOf(rs256));

    expect(JSON.parse(await keys(moved, ['rotate', '--force', '--json']))).toMatchObject({ kid: third });
    const es256 = await waitForToken(moved, third, client);
    const set = await fetchKeys(moved.url);
    expect(kidsIn(set)).toEqual(expect.arrayContaining([kidOf(rs256), second, third]));
    for (const token of [rs256, es256]) {
      await verify(token, set);
      expect(await isActive(moved.url, client, token)).toBe(true);
    }

    await keys(moved, ['import', '-', '--kid', 'brought'], pemOf(newEc().privateKey, 'sec1'));
    await waitForKey(moved, 'brought');
    for (let count = 0; count < 2; count += 1) await keys(moved, ['rotate', '--force']);
    await verify(await waitForToken(moved, 'brought', client), await fetchKeys(moved.url));
    expect(printed.stderr).toBe('');
  });
});
