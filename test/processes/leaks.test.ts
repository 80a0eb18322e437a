import { randomBytes } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../src/generated/routes.ts';
import { parseKeyEncryptionKey } from '../../src/keys/sealing/key-encryption-key.ts';
import { unsealPrivateKey } from '../../src/keys/sealing/seal.ts';
import { jwkOf, newEc, newEd25519, newRsa, pemOf } from '../support/keys/key-material.ts';
import { allScopes } from '../../src/tokens/scope.ts';
import { Exerciser } from '../support/every-operation.ts';
import { storedKids } from '../support/installed-data.ts';
import { type ClientCredentials, fetchKeys, kidsIn } from '../support/jwks.ts';
import { freePort } from '../support/free-port.ts';
import { changeSettings } from '../support/installation.ts';
import { runCommand } from '../support/command.ts';
import { type Finished, run } from '../support/process.ts';
import { sharedServer } from '../support/server-process.ts';
import { waitFor } from '../support/wait.ts';
import { type Secret, findLeaks, secretText, secretsOf, spellings } from '../support/secrets.ts';

const managementPort = await freePort();
const server = sharedServer({
  LOG_LEVEL: 'trace',
  KEY_ALGORITHM: 'RS256',
  MANAGEMENT_PORT: String(managementPort),
  RATE_LIMITS: 'off',
  KEY_ROTATE_EVERY: '4s',
  KEY_PUBLISH_BEFORE: '3s',
  JWKS_MAX_AGE: '1s',
  VERIFIER_CACHE: '1s',
  REPLICA_REFRESH: '1s',
  CLOCK_SKEW: '0s',
  ACCESS_TOKEN_LIFETIME: '30s',
});
const inFolder = (name: string) => join(server.folder, name);
const databaseFile = () => inFolder('data/tessera.db');

/** What anybody could see, by where it came from. */
const seen: Record<string, string> = {};
/** Whatever there was at any time: private parts as they were sealed, with the kid, and key-encryption keys. */
const sealed = new Map<string, { kid: string; alg: string }>();
const keks = new Set<string>();
/** Private keys in PEM that were brought in or refused, by what they are. */
const brought = new Map<string, string>();
let secrets: Secret[] = [];
let exerciser: Exerciser;

function see(source: string, text: string): void {
  seen[source] = `${seen[source] ?? ''}${text}\n`;
}

const admin = 'the-administrator';

const commandLines = new Set<string>();

/** Looks at what lasts for a while only. */
async function look(): Promise<void> {
  const database = new DatabaseSync(databaseFile(), { readOnly: true, timeout: 1000 });
  const rows = database.prepare('select kid, alg, sealed_private_key as text from signing_keys').all();
  for (const { kid, alg, text } of rows)
    if (text !== null) sealed.set(String(text), { kid: String(kid), alg: String(alg) });
  database.close();
  for (const name of await readdir(inFolder('keys'))) {
    const text = await readFile(inFolder(`keys/${name}`), 'utf8').catch(() => '');
    if (text !== '') keks.add(text.trim());
  }
  for (const pid of await readdir('/proc').catch(() => []))
    if (/^\d+$/.test(pid)) commandLines.add(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''));
}

/** Runs a keys command, keeps what it prints, and returns how it ended. */
async function command(args: string, changes: Record<string, string> = {}): Promise<Finished> {
  const list = args.split(' ');
  const finish = await runCommand('keys', list, changeSettings(server, changes));
  await look();
  see(`scripts/keys.ts ${list[0] ?? ''}`, finish.stdout + finish.stderr);
  return finish;
}

/** As a process of its own, which shows in the list of processes. */
async function ownProcess(line: string, changes: Record<string, string> = {}, input = ''): Promise<Finished> {
  const [script = '', ...args] = line.split(' ');
  const finish = await run(script, args, changeSettings(server, changes), input);
  see(`${script} ${args[0] ?? ''}`, finish.stdout + finish.stderr);
  return finish;
}

async function keys(...commands: readonly string[]): Promise<(number | null)[]> {
  return Promise.all(commands.map(async (args) => (await command(args)).code));
}

async function newClient(scope: string): Promise<ClientCredentials> {
  const grants = ['client_credentials', 'password'].flatMap((grant) => ['--grant', grant]);
  const { stdout } = await runCommand(
    'clients',
    ['create', '--name', 'a', '--scope', scope, ...grants, '--json'],
    server,
  );
  return JSON.parse(stdout) as ClientCredentials;
}

/** Private keys that are taken, and others that are refused, each for another reason. */
async function importKeys(): Promise<void> {
  const [taken, other, small, ec, ed] = [newRsa(), newRsa(), newRsa(1024), newEc(), newEd25519()];
  for (const [name, pair] of Object.entries({ taken, other, small, ec, ed })) brought.set(name, pemOf(pair.privateKey));
  const pem = pemOf(taken.privateKey);
  const jwk = jwkOf(other.privateKey);
  const files: Record<string, string> = {
    'cut.pem': pem.slice(0, 1200),
    'spoilt.pem': pem.replace(/[A-Z]{3}(?=[a-z])/g, '$$$$'),
    'twice.pem': pem + pem,
    'small.pem': pemOf(small.privateKey),
    'ec.json': JSON.stringify(jwkOf(ec.privateKey)),
    'mixed.json': JSON.stringify({ ...jwk, n: jwkOf(taken.publicKey).n }),
    'partial.json': JSON.stringify({ ...jwk, p: undefined }),
    'strange.json': JSON.stringify({ ...jwk, alg: 'HS256' }),
    'ed.json': JSON.stringify({ ...jwkOf(ed.privateKey), x: 'AAAA' }),
    'symmetric.json': JSON.stringify({ kty: 'oct', k: jwk.d }),
    'broken.json': JSON.stringify(jwk).slice(0, -20),
    'several.json': JSON.stringify({ keys: [jwk, jwkOf(ec.privateKey)] }),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(inFolder(name), text);
  const refused = Object.keys(files).map(
    (name, place) => `import ${inFolder(name)} --kid one${place % 2 ? '' : ' --json'}`,
  );
  expect(new Set(await keys(...refused))).toEqual(new Set([3]));
  await writeFile(inFolder('taken.pem'), pem);
  expect((await ownProcess('scripts/keys.ts import -', {}, pemOf(other.privateKey, 'pkcs1'))).code).toBe(0);
  const file = inFolder('taken.pem');
  expect(await keys(`import ${file} --json`, `import ${inFolder('ec.json')} --verify-only`)).toEqual([0, 0]);
  expect(await keys(`import ${file}`, 'import /nowhere')).toEqual([3, 1]);
}

/** A rotation leaves one of the algorithm, too, unless the server is faster and makes the standby. */
async function importOf(algorithm: string): Promise<void> {
  const pem = pemOf((algorithm === 'EdDSA' ? newEd25519() : newEc()).privateKey);
  brought.set(`imported ${algorithm}`, pem);
  const file = inFolder(`${algorithm}.pem`);
  await writeFile(file, pem);
  expect((await command(`import ${file}`, { KEY_ALGORITHM: algorithm })).code).toBe(0);
}

/** Each command with and without --json, as it is meant to be used and as it is not. */
async function runCommands(operator: ClientCredentials): Promise<void> {
  const both = (args: string) => [args, `${args} --json`];
  await keys('--help', ...['list', 'plan', 'timeline', 'log', 'check', 'export --public'].flatMap(both));
  await keys('export', 'export --public --pem', 'revoke', ...['rotate', 'rotate --signer unknown'].flatMap(both));
  await keys('rotate --dry-run --force', ...both('rotate --force'), ...both('revoke unknown'));
  for (const algorithm of ['ES256', 'EdDSA']) {
    const forced = await command(`rotate --force --reason ${algorithm}`, { KEY_ALGORITHM: algorithm });
    expect(forced.code).toBe(0);
    await waitFor(async () => {
      expect(kidsIn(await fetchKeys(server.url))).toContain(storedKids(server).at(-1));
    });
    await exerciser.use(operator, admin);
    await importOf(algorithm);
  }
  const { keys: listed } = JSON.parse((await command('list --json')).stdout) as {
    keys: { kid: string; state: string }[];
  };
  const kid = listed.find(({ state }) => state === 'active')?.kid ?? '';
  expect(await keys(...both(`revoke ${kid}`), `log ${kid}`)).toEqual([0, 0, 0]);
  expect(await keys(...both('rewrap'), 'rewrap --discard-old')).toEqual([0, 0, 0]);
}

/** Key-encryption keys that are cut short, or another, or not there. */
async function misconfigure(): Promise<void> {
  const [kek = ''] = keks;
  const another = randomBytes(32).toString('base64');
  keks.add(another);
  for (const value of [kek.slice(0, -3), another])
    for (const args of ['list', 'rotate --force --json']) await command(args, { KEY_ENCRYPTION_KEY: value });
  await command('rotate --force', { KEYS_DIR: inFolder('nowhere') });
  await command('rewrap', { KEY_ENCRYPTION_KEY: another, KEY_ENCRYPTION_KEY_PREVIOUS: kek.slice(1) });
  for (const value of [kek.slice(0, -3), another])
    expect((await ownProcess('src/main.ts', { PORT: '1', KEY_ENCRYPTION_KEY: value })).code).toBe(1);
}

/** A private part that is damaged, a database that is locked, and one that has lost what is needed. */
async function spoil(operator: ClientCredentials): Promise<void> {
  const caller = await exerciser.login(operator);
  const database = new DatabaseSync(databaseFile(), { timeout: 1000 });
  database.exec(`update signing_keys set activates_at = activates_at, sealed_private_key =
    substr(sealed_private_key, 1, 200) || 'AAAA' || substr(sealed_private_key, 205) where activates_at > unixepoch()`);
  const codes = await keys('check --offline', 'list', 'rewrap', 'rewrap --json');
  expect(codes[0]).toBe(6);
  database.exec('begin immediate');
  await exerciser.tryAll(caller, ['registerUser']);
  await command('rotate --force');
  database.exec('rollback');
  for (const table of ['audit_events', 'refresh_tokens', 'users', 'clients']) database.exec(`drop table ${table}`);
  database.close();
  await exerciser.tryAll(caller);
  await keys('rotate --force', 'rotate --force --json', 'rewrap', 'log', 'list', 'check --offline --json');
}

/** Every table as text, but for what is sealed. */
function dumpTables(): void {
  const database = new DatabaseSync(databaseFile(), { readOnly: true });
  for (const { name } of database.prepare("select name from sqlite_master where type = 'table'").all())
    for (const row of database.prepare(`select * from "${String(name)}"`).all())
      see(`the table ${String(name)}`, JSON.stringify({ ...row, sealed_private_key: undefined }));
  database.close();
}

beforeAll(async () => {
  exerciser = new Exerciser(server.port);
  let isOver = false;
  async function keepLooking(): Promise<void> {
    while (!isOver) {
      await look();
      await sleep(250);
    }
  }
  await look();
  const looking = keepLooking();
  const operator = await newClient([...allScopes].join(' '));
  const making = `scripts/users.ts create --username ${admin} --admin --password-stdin`;
  expect((await ownProcess(making, {}, 'correct horse battery')).code).toBe(0);
  await exerciser.use(operator, admin);
  await exerciser.misuse(operator, await newClient('x'));
  await importKeys();
  await runCommands(operator);
  await misconfigure();
  dumpTables();
  for (const name of await readdir(inFolder('data')))
    see(`the file ${name}`, await readFile(inFolder(`data/${name}`), 'latin1'));
  await spoil(operator);
  isOver = true;
  await looking;
  see('the metrics', await (await fetch(`http://127.0.0.1:${managementPort}/metrics`)).text());
  process.kill(server.pid, 'SIGTERM');
  await server.ended;
  for (const line of commandLines) see('the process list', line.replaceAll('\0', ' '));
  see('standard output of the server', server.printed.stdout);
  see('standard error of the server', server.printed.stderr);
  for (const { id, text } of exerciser.answers) see(`replies of ${id}`, text);
  secrets = collectSecrets();
}, 240_000);

/** Opens everything that was ever sealed, but for what was damaged. */
function collectSecrets(): Secret[] {
  const openers = [...keks].map((text, place) => parseKeyEncryptionKey(text, `${place}`));
  const pems = new Map(brought);
  for (const [text, { kid }] of sealed) {
    try {
      pems.set(kid, unsealPrivateKey(openers, kid, text));
    } catch {
      expect(text).toContain('AAAA');
    }
  }
  return [
    ...[...pems].flatMap(([name, pem]) => secretsOf(name, pem)),
    ...[...keks].map((text) => secretText('a key-encryption key', text)),
    ...[...sealed].map(([text, { kid }]) => secretText(`the sealed key ${kid}`, text.split('.')[3] ?? '')),
  ];
}

describe('what a server, its command lines and its database show', () => {
  it('is nothing of a private key, of a key-encryption key, or of what is sealed', () => {
    // The database is where sealed keys are kept.
    const files = Object.fromEntries(Object.entries(seen).filter(([source]) => source.startsWith('the file ')));
    const others = Object.fromEntries(Object.entries(seen).filter(([source]) => !(source in files)));
    expect(findLeaks(secrets, others)).toEqual([]);
    expect(
      findLeaks(
        secrets.filter(({ what }) => !what.startsWith('the sealed key')),
        files,
      ),
    ).toEqual([]);
  });

  it('is no password, token or client secret in the log and the metrics, of all that were sent and given out', () => {
    const given = exerciser.answers.flatMap(({ text }) => [
      ...text.matchAll(/"(?:access_token|refresh_token|client_secret)":"([^"]+)"/g),
    ]);
    const ours = [...new Set(given.map(([, secret = '']) => secret))];
    expect(ours.filter((secret) => secret.startsWith('trt_')).length).toBeGreaterThan(1);
    expect(ours.filter((secret) => secret.startsWith('tcs_')).length).toBeGreaterThan(1);
    expect(ours.filter((secret) => secret.startsWith('eyJ')).length).toBeGreaterThan(10);
    const told = `${seen['standard error of the server'] ?? ''}${seen['standard output of the server'] ?? ''}`;
    for (const id of Object.keys(routes.operations)) expect(told).toContain(`"operation":"${id}"`);
    const shown = { 'the log': told, 'the metrics': seen['the metrics'] ?? '' };
    expect(shown['the metrics']).toContain('tessera_http_requests_total{');
    for (const [place, text] of Object.entries(shown)) {
      // Of a token, its signature; a part of any of them would do.
      for (const secret of [...ours, 'correct horse battery'])
        for (const part of [secret, secret.slice(0, -8), secret.slice(-24)])
          expect({ place, part, isThere: text.includes(part) }).toEqual({ place, part, isThere: false });
      expect(text).not.toMatch(/\$argon2|trt_|tcs_|eyJ[\w-]{8}/);
    }
  });

  it('was looked at whole: every operation and every reply, every command, keys of every kind', () => {
    // A server that has to do without its database is the subject of `server.faults.test.ts`, limits that of others, and so is who
    // takes a revocation back in the database (`planted-rows.test.ts`).
    const needsNoDatabase = /jwks|metadata|contract|liveness|readiness/i;
    const isOutOfReach = (status: number, id: string) =>
      status === 429 ||
      (status === 409 && id === 'revokeKey') ||
      (status === 503 && id !== 'registerUser') ||
      (status === 500 && needsNoDatabase.test(id));
    for (const [id, { replies }] of Object.entries(routes.operations)) {
      const seenHere = exerciser.answers.filter((each) => each.id === id).map(({ status }) => status);
      const declared = Object.keys(replies).map(Number);
      const missing = declared.filter((status) => !seenHere.includes(status) && !isOutOfReach(status, id));
      expect({ id, missing }).toEqual({ id, missing: [] });
    }
    const commands = [...(seen['scripts/keys.ts --help'] ?? '').matchAll(/^ {2}([a-z]+) .*/gm)].map(([, name]) => name);
    const run = Object.keys(seen).map((source) => source.split(' ')[1]);
    expect(commands.length).toBeGreaterThanOrEqual(10);
    expect(run).toEqual(expect.arrayContaining(commands.filter((name) => name !== 'help')));
    expect(new Set([...sealed.values()].map(({ alg }) => alg))).toEqual(new Set(['RS256', 'ES256', 'EdDSA']));
    expect(seen['replies of listAuditEvents']).toContain('key.imported');
    expect(keks.size).toBeGreaterThanOrEqual(3);
    expect(seen['the process list']).toContain('src/main.ts');
    expect(seen['standard error of the server']).toMatch(/key-created.*key-unreadable.*no such table/s);
  });

  it.each(Object.entries(spellings))('would have been found out: 40 characters of any secret in %s', (_, spell) => {
    for (const secret of secrets) {
      const text = spell(secret.bytes).replace(/=+$/, '');
      const last = Math.max(text.length - 40, 0);
      for (const at of [0, 1, 19, Math.floor(last / 2), last]) {
        const there = `{"it":"${text.slice(Math.min(at, last)).slice(0, 40)}"}`;
        expect({ what: secret.what, at, leaks: findLeaks([secret], { there }) }).not.toMatchObject({ leaks: [] });
      }
    }
  });

  it('would have been found out: a private key in PEM, as it is and in JSON, without its header, and a line of it', () => {
    for (const [name, pem] of brought) {
      const bare = pem.replaceAll(/-----.*-----\n?/g, '');
      const [line = bare] = bare.split('\n').slice(10);
      for (const there of [bare, JSON.stringify(bare), line])
        expect(findLeaks(secretsOf(name, pem), { there })).not.toEqual([]);
    }
    expect(findLeaks([], { there: 'BEGIN PRIVATE KEY' })).toHaveLength(1);
  });
});
