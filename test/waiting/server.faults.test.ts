import { spawnSync } from 'node:child_process';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { expectContractKept } from '../support/contract-check.ts';
import { type PublishedKeys, fetchKeys, kidOf, kidsIn, requestToken, verify } from '../support/jwks.ts';
import { runCommand } from '../support/command.ts';
import { type Installation, newInstallation, portOf } from '../support/installation.ts';
import { addClient, damage, dump, storedKids } from '../support/installed-data.ts';
import { run } from '../support/process.ts';
import { launchServer, sharedServer } from '../support/server-process.ts';
import { usedInstallation } from '../support/used-installation.ts';
import { type ListedKey, newOperator, passTime, shortLife } from '../support/key-operator.ts';
import { password, startTessera } from '../support/tessera.ts';
import { type Traffic, startTraffic } from '../support/traffic.ts';
import { type WireReply, ask } from '../support/wire.ts';
import { waitFor } from '../support/wait.ts';

/** As short as the inequalities allow. */
const seconds = {
  KEY_ALGORITHM: 'ES256',
  KEY_ROTATE_EVERY: '5s',
  KEY_PUBLISH_BEFORE: '3s',
  JWKS_MAX_AGE: '1s',
  VERIFIER_CACHE: '1s',
  REPLICA_REFRESH: '1s',
  CLOCK_SKEW: '0s',
  ACCESS_TOKEN_LIFETIME: '4s',
};

/** A server waits for seconds for others who write: tokens must outlive that. */
const patient = {
  ...seconds,
  KEY_ROTATE_EVERY: '16s',
  KEY_PUBLISH_BEFORE: '7s',
  REPLICA_REFRESH: '5s',
  ACCESS_TOKEN_LIFETIME: '10s',
};

const json = { 'Content-Type': 'application/json' };
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const fileOf = ({ folder }: Installation) => `${folder}/data/tessera.db`;

const keysOf = (installation: Installation) => dump(installation)['signing_keys'] ?? [];

/** The line that names a key whose private part cannot be read. */
const unreadable = (kid = '') => new RegExp(`"kid":"${kid}".*"msg":"key-unreadable"`);

/** No file of the process may grow beyond so many bytes, nor be written behind them. */
function limitFiles(pid: number | undefined, size: '1' | 'unlimited'): void {
  const { error, status, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--fsize=${size}:`], {
    encoding: 'utf8',
  });
  if (error !== undefined)
    throw new Error(
      'prlimit is missing: install util-linux, or, where that is not Linux (macOS), run this in a container.',
    );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}

/** One request; the reply is held to the contract. */
async function request(
  installation: Installation,
  method: string,
  target: string,
  headers = {},
  body = '',
): Promise<WireReply> {
  const reply = await ask(portOf(installation), method, target, headers, body);
  expectContractKept(method, target, reply);
  return reply;
}

const register = (installation: Installation, username: string) =>
  request(installation, 'POST', '/users', json, JSON.stringify({ username, password }));
const login = (installation: Installation, username: string) =>
  request(
    installation,
    'POST',
    '/token',
    form,
    new URLSearchParams({ grant_type: 'password', username, password }).toString(),
  );

/** Everything that was asked for was had, and every token was good for as long as it lived. */
async function expectNoNotice(traffic: Traffic): Promise<void> {
  await traffic.end();
  expect(traffic.faults).toEqual([]);
  for (const { kids } of traffic.sets) expect(kids.length).toBeGreaterThanOrEqual(2);
}

/** Everything that was signed is on record, as it is once the server has caught up. */
function expectOnRecord(installation: Installation, { tokens }: Traffic): void {
  const keys = keysOf(installation);
  const gone = dump(installation)['audit_events']?.filter(({ type }) => type === 'key.retired') ?? [];
  for (const { kid, expiresAt } of tokens) {
    if (gone.some(({ subject, at }) => subject === kid && Number(at) >= expiresAt / 1000)) continue;
    const recorded = Number(keys.find((key) => key['kid'] === kid)?.['tokens_expire_at'] ?? 0);
    expect(recorded).toBeGreaterThanOrEqual(expiresAt / 1000);
  }
}

describe.concurrent('a server', () => {
  const locked = sharedServer(patient);
  // Eight requests are made with one token, one after the other, on however slow a machine.
  const full = sharedServer({ ...seconds, ACCESS_TOKEN_LIFETIME: '20s' });
  const damaged = sharedServer({ ...seconds, KEY_ROTATE_EVERY: '1h' });

  it('whose database another process keeps locked issues tokens through a scheduled turn, and then catches up', async () => {
    const traffic = startTraffic(locked.url, await addClient(locked, 'x'));
    const schedule = keysOf(locked).map((key) => ({
      kid: String(key['kid']),
      from: Number(key['activates_at']) * 1000,
    }));
    const next = schedule.find(({ from }) => from > Date.now() + 2_000) ?? { kid: '', from: 0 };
    await sleep(next.from - 1_000 - Date.now());
    const other = new DatabaseSync(fileOf(locked));
    other.exec('begin immediate');
    await sleep(next.from + 6_000 - Date.now());
    // Nobody can write that the turn has come, and all the same it is the next key that signs, and is served.
    const isSince = (at: number) => at > next.from + 1_000;
    const issued = () => traffic.tokens.filter(({ issuedAt, signedAt }) => isSince(issuedAt) && isSince(signedAt));
    await waitFor(() => issued().length > 0 && traffic.sets.some(({ servedAt }) => isSince(servedAt)));
    expect(tookOverAt(next.kid)).toBeNull();
    expect(new Set(issued().map(({ kid }) => kid))).toEqual(new Set([next.kid]));
    other.exec('rollback');
    other.close();

    await waitFor(() => {
      expect(tookOverAt(next.kid)).not.toBeNull();
      expectOnRecord(locked, traffic);
    });
    await expectNoNotice(traffic);
    const logged = locked.printed.stderr.split('\n').filter((line) => line !== '');
    expect(logged.length).toBeGreaterThan(0);
    for (const line of logged) expect(line).toMatch(/refresh-failed|tokens-not-noted/);

    function tookOverAt(kid: string) {
      return keysOf(locked).find((key) => key['kid'] === kid)?.['took_over_at'];
    }
  });

  it('whose disk is full answers 503 where it must write, goes on with the rest, and recovers', async () => {
    const client = await addClient(full, 'keys:manage keys:read tokens:introspect');
    await register(full, 'ada');
    const { access_token: token } = JSON.parse((await login(full, 'ada')).body) as { access_token: string };
    const traffic = startTraffic(full.url, client);
    await sleep(500);
    limitFiles(full.pid, '1');
    const before = dump(full);
    const fullAt = Date.now();

    const operator = { Authorization: `Bearer ${await requestToken(full.url, client)}`, ...json };
    const kid = kidsIn(await fetchKeys(full.url))[0] ?? '';
    const writing = [
      await register(full, 'grace'),
      await login(full, 'ada'),
      await request(full, 'POST', '/keys/rotate', operator, '{"force":true}'),
      await request(full, 'POST', `/keys/${kid}/revoke`, operator, '{}'),
      await request(full, 'DELETE', '/users/me', { Authorization: `Bearer ${token}` }),
    ];
    for (const { status, headers } of writing)
      expect({ status, after: headers['retry-after'] }).toEqual({ status: 503, after: '1' });
    const reading = [
      await request(full, 'GET', '/users/me', { Authorization: `Bearer ${token}` }),
      await request(full, 'GET', '/keys', operator),
      await request(full, 'POST', '/introspect', form, new URLSearchParams({ token, ...client }).toString()),
      await request(full, 'GET', '/readyz'),
    ];
    expect(reading.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(JSON.parse(reading[2]?.body ?? '')).toMatchObject({ active: true, username: 'ada' });

    await sleep(fullAt + 6_000 - Date.now());
    expect(dump(full)).toEqual(before);
    expect(new Set(traffic.tokens.map((each) => each.kid)).size).toBeGreaterThanOrEqual(2);
    limitFiles(full.pid, 'unlimited');
    expect((await register(full, 'grace')).status).toBe(201);
    await waitFor(() => {
      expectOnRecord(full, traffic);
    });
    await expectNoNotice(traffic);
    const database = new DatabaseSync(fileOf(full), { readOnly: true });
    expect(database.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
    database.close();
  });

  it('one of whose keys is corrupt names it in the log, and goes on with the others', async () => {
    const traffic = startTraffic(damaged.url, await addClient(damaged, 'x'));
    await waitFor(() => traffic.tokens.length > 0);
    const [signer = '', standby] = storedKids(damaged);
    damage(damaged, signer);
    await waitFor(() => traffic.tokens.at(-1)?.kid === standby);
    await waitFor(() => keysOf(damaged).length === 3);
    await expectNoNotice(traffic);
    expect(damaged.printed.stderr).toMatch(unreadable(signer));
    expect(new Set(traffic.tokens.map(({ kid }) => kid))).toEqual(new Set([signer, standby]));
    const { stdout } = await runCommand('keys', ['list', '--json'], damaged);
    const listed = (JSON.parse(stdout) as { keys: { kid: string; unreadable: boolean }[] }).keys;
    expect(listed.filter(({ unreadable }) => unreadable).map(({ kid }) => kid)).toEqual([signer]);
  });
});

describe.concurrent('the database file', () => {
  const garbage = 'garbage '.repeat(10_000);
  const ways: Record<string, (file: string) => Promise<unknown>> = {
    'that gives way to another': async (file) => {
      for (const end of ['', '-wal', '-shm']) await rm(file + end);
      await writeFile(file, garbage);
    },
    'that is overwritten, log and all,': (file) =>
      Promise.all([writeFile(file, garbage), writeFile(`${file}-wal`, garbage)]),
  };

  it.each(Object.entries(ways))('%s under a running server brings it down in no way', async (_, spoil) => {
    // However slow the machine, the key of the token is in the set: a token that may live keeps it there.
    const installation = await newInstallation({ ...seconds, ACCESS_TOKEN_LIFETIME: '2m' });
    const { ready, child, printed, ended } = launchServer(installation);
    await ready;
    const client = await addClient(installation, 'keys:read');
    const token = await requestToken(installation.url, client);
    await spoil(fileOf(installation));
    for (let round = 0; round < 3; round += 1) {
      const replies = [
        await register(installation, `user-${round}`),
        await login(installation, 'nobody'),
        await request(installation, 'GET', '/keys', { Authorization: `Bearer ${token}` }),
        await request(installation, 'GET', '/readyz'),
      ];
      // A file that is not a database is no fault that passes.
      for (const { status } of replies) expect([200, 201, 400, 401, 500, 503]).toContain(status);
      for (const { status, body } of replies) if (status >= 500) expect(body).not.toMatch(/sqlite|disk|malformed/i);
      expect((await request(installation, 'GET', '/livez')).status).toBe(200);
      expect(kidsIn(await fetchKeys(installation.url))).toContain(kidOf(token));
      await sleep(500);
    }
    const lines = printed.stderr.split('\n').filter((line) => line !== '');
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ level: 50 });
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  });
});

describe.concurrent('a start', () => {
  const keyFileOf = ({ folder }: Installation) => `${folder}/keys/key-encryption-key`;

  it.each<[string, (path: string) => Promise<unknown>, RegExp]>([
    ['is missing', (path) => rm(path), /^The key-encryption key is missing: .*Restore it from your backup/],
    [
      'is another',
      (path) => writeFile(path, Buffer.alloc(32, 7).toString('base64url')),
      /^The private key of \S+ is sealed under the key-encryption key with fingerprint [0-9a-f]{16}, but the configured one is [0-9a-f]{16}/,
    ],
    [
      'may be read by others',
      (path) => chmod(path, 0o644),
      /^The key-encryption key in \S+ is open to others than its owner \(mode 0644\)\. Run `chmod 600 \S+`/,
    ],
  ])('is refused in one line, with exit code 1, when the key-encryption key %s', async (_, damage, saying) => {
    const installation = await usedInstallation();
    await damage(keyFileOf(installation));
    const { code, stdout, stderr } = await run('src/main.ts', [], installation);
    expect({ code, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 1, stdout: '', lines: 1 });
    expect(stderr).toMatch(saying);
  });

  it('with a corrupt signer has the standby sign, and names the signer in the log', async () => {
    const installation = await usedInstallation();
    const [signer = '', standby] = storedKids(installation);
    damage(installation, signer);
    const { ready, printed } = launchServer(installation);
    await ready;
    expect(kidOf(await requestToken(installation.url, await addClient(installation, 'x')))).toBe(standby);
    expect(kidsIn(await fetchKeys(installation.url))).toContain(signer);
    expect(printed.stderr).toMatch(unreadable(signer));
  });
});

describe('a clock that jumps an hour ahead, and back after a while', () => {
  async function start(environment: Record<string, string>) {
    const tessera = await startTessera({ ...shortLife, KEY_ALGORITHM: 'ES256', ...environment });
    const operator = await newOperator(tessera);
    /** One signer, with a standby, both published; a token that verifies by the set. */
    async function expectInOrder(): Promise<string> {
      // As a running server does every second.
      await tessera.keys.keyring.tick();
      const keys = await operator.keys();
      const inUse = keys.filter(({ state }) => state === 'active' || state === 'standby').map(({ kid }) => kid);
      expect(keys.filter(({ state }) => state === 'active')).toHaveLength(1);
      expect(inUse.length).toBeGreaterThanOrEqual(2);
      expect(await operator.published()).toEqual(expect.arrayContaining(inUse));
      const token = await operator.token();
      const set = await tessera.request.get('/.well-known/jwks.json');
      await verify(token, set.body as PublishedKeys, new Date(tessera.clock() * 1000));
      expect(kidOf(token)).toBe(inUse[0]);
      return token;
    }
    /** What a server that ticks notices within a second. */
    async function jump(seconds: number): Promise<void> {
      tessera.clock.advance(seconds);
      await tessera.keys.keyring.tick();
    }
    async function pass(howLong: number): Promise<void> {
      for (let left = howLong; left > 0; left -= 300) {
        await passTime(tessera, Math.min(left, 300));
        await expectInOrder();
      }
    }
    const statusWith = async (token: string) => (await tessera.bearer('get', '/keys', token)).status;
    return { tessera, operator, expectInOrder, jump, pass, statusWith };
  }

  it('leaves nothing behind where no turn ends meanwhile: tokens from before are good again', async () => {
    const { tessera, operator, expectInOrder, jump, pass, statusWith } = await start({});
    await passTime(tessera, 60);
    const before = await operator.keys();
    const token = await expectInOrder();
    await jump(3600);
    await expectInOrder();
    expect(await statusWith(token)).toBe(401);
    await pass(300);
    await jump(-3900);
    await expectInOrder();
    expect(await statusWith(token)).toBe(200);
    const facts = (keys: ListedKey[]) => keys.map(({ kid, state, activates_at }) => ({ kid, state, activates_at }));
    expect(facts(await operator.keys())).toEqual(facts(before));
    await pass(900);
    expect(await statusWith(token)).toBe(401);
  });

  it('has the next key sign for longer where a turn has ended: the key before it is gone, with its tokens', async () => {
    const turn = 1800;
    const { tessera, operator, expectInOrder, jump, pass, statusWith } = await start({
      KEY_ROTATE_EVERY: `${turn}s`,
      KEY_PUBLISH_BEFORE: '20m',
    });
    await passTime(tessera, 60);
    const token = await expectInOrder();
    const [signer, standby] = await operator.published();
    await jump(3600);
    const next = await expectInOrder();
    expect(kidOf(next)).toBe(standby);
    // By its own clock the server is right to let the old key go.
    expect(await operator.published()).toContain(signer);
    await pass(300);
    expect(await operator.published()).not.toContain(signer);

    await jump(-3900);
    const backAt = tessera.clock();
    expect(kidOf(await expectInOrder())).toBe(standby);
    expect(await statusWith(token)).toBe(401);
    // That it was issued at a moment ahead is no reason to refuse it (RFC 7519, 4.1.6).
    expect(await statusWith(next)).toBe(200);
    while ((await operator.keyIn('active')).kid === standby) await pass(300);
    expect(tessera.clock() - backAt).toBeLessThan(3600 + turn + 900);
    await pass(3 * turn);
    expect((await operator.keys()).length).toBeLessThanOrEqual(4);
    expect(tessera.log.filter((line) => /"level":[4-6]0/.test(line))).toEqual([]);
  });
});
