import { chmod, rm, writeFile } from 'node:fs/promises';
import { type RequestListener, createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { importVerifyOnly } from '../../../src/keys/changes/import.ts';
import { revokeKey } from '../../../src/keys/changes/revocation.ts';
import { rotateKeys } from '../../../src/keys/changes/rotation.ts';
import {
  authenticateAll,
  byTest,
  changeKeys,
  damage,
  dump,
  forgetMacs,
  query,
  storedKids,
} from '../../support/installed-data.ts';
import { runCommand } from '../../support/command.ts';
import { type Installation, newInstallation } from '../../support/installation.ts';
import { run } from '../../support/process.ts';
import { sharedServer } from '../../support/server-process.ts';
import { usedInstallation } from '../../support/used-installation.ts';

const server = sharedServer({ REPLICA_REFRESH: '1s', CLOCK_SKEW: '1s' });

type Checked = { healthy: boolean; problems: { check: string; kid: string | null; detail: string }[] };

/** A check that finds problems, and no others than are returned. */
async function problemsOf(installation: Pick<Installation, 'environment'>, ...args: string[]) {
  const { code, stdout, stderr } = await runCommand('keys', ['check', '--json', ...args], installation);
  const { healthy, problems } = JSON.parse(stdout) as Checked;
  expect({ code, healthy, stderr }).toEqual({ code: 6, healthy: false, stderr: `${problems.length} to look into.\n` });
  return problems;
}

async function expectHealthy(installation: Pick<Installation, 'environment'>, ...args: string[]): Promise<void> {
  const ended = await runCommand('keys', ['check', '--json', ...args], installation);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(ended.stdout)).toEqual({ healthy: true, problems: [] });
}

/** Where something answers that is not Tessera. */
async function listen(answer: RequestListener): Promise<string> {
  const other = createServer(answer).listen(0, '127.0.0.1');
  onTestFinished(() => {
    other.close();
  });
  await once(other, 'listening');
  return `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
}

/** As if the keys had been made so many seconds earlier. */
async function age(installation: Installation, seconds: number): Promise<void> {
  const change = 'update signing_keys set published_at = published_at - ?1, activates_at = activates_at - ?1';
  query(installation, change, seconds);
  await authenticateAll(installation);
}

const day = 86_400;

describe('npm run keys -- check, beside a running server', () => {
  it('finds that all is well, ends with 0, and changes nothing', async () => {
    const before = dump(server);
    const { code, stdout, stderr } = await run('scripts/keys.ts', ['check'], server);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'All is well with the keys.\n', stderr: '' });
    await expectHealthy(server, '--url', `${server.url}/`);
    expect(dump(server)).toEqual(before);
  });

  it('is not alarmed by what was changed a moment before', async () => {
    await changeKeys(server, (office) => rotateKeys(office, { force: true, cause: byTest }));
    await expectHealthy(server);
    await changeKeys(server, (office) => revokeKey(office, storedKids(server)[0] ?? '', byTest));
    await expectHealthy(server);
    expect(server.printed.stderr).toBe('');
  });

  it('finds that the set is that of another server', async () => {
    const installation = await usedInstallation({ REPLICA_REFRESH: '1s', CLOCK_SKEW: '1s' });
    const before = dump(installation);
    const problems = await problemsOf(installation, '--url', server.url);
    const served = storedKids(server).slice(1);
    expect(problems).toEqual([
      ...storedKids(installation).map((kid) => ({
        check: 'published_set',
        kid,
        detail: 'is missing from the served set',
      })),
      ...served.map((kid) => ({ check: 'published_set', kid, detail: 'is served, and should not be' })),
    ]);
    expect(dump(installation)).toEqual(before);
  });
});

describe('npm run keys -- check, where there is no such server', () => {
  it('says why the set cannot be had, and ends with 6', async () => {
    const installation = await usedInstallation({ REPLICA_REFRESH: '1s' });
    const { code, stdout, stderr } = await runCommand('keys', ['check'], installation);
    expect({ code, stderr }).toEqual({ code: 6, stderr: '1 to look into.\n' });
    const address = `${installation.url}/.well-known/jwks.json`;
    expect(stdout).toBe(
      `published_set  ${address} cannot be fetched (connect ECONNREFUSED ${address.split('/')[2] ?? ''})\n`,
    );
  });

  it('says so where something else answers', async () => {
    const installation = await usedInstallation({ REPLICA_REFRESH: '1s' });
    const answers: [answer: RequestListener, saying: RegExp][] = [
      [(_, reply) => reply.writeHead(404).end(), /answers 404$/],
      [(_, reply) => reply.end('null'), /is not a JWK Set$/],
      [(_, reply) => reply.end('{"keys":[null,5]}'), /is not a JWK Set$/],
      [(_, reply) => reply.end(`{"keys":[${'{},'.repeat(200_000)}{}]}`), /\(it is far larger than a key set can be\)$/],
      [
        (_, reply) => reply.writeHead(307, { Location: server.url }).end(),
        /cannot be fetched \(unexpected redirect\)$/,
      ],
    ];
    await Promise.all(
      answers.map(async ([answer, saying]) => {
        const url = await listen(answer);
        const ended = await runCommand('keys', ['check', '--json', '--url', url], installation);
        expect(ended).toMatchObject({ code: 6, stderr: '1 to look into.\n' });
        const detail = expect.stringMatching(saying) as string;
        expect(JSON.parse(ended.stdout)).toEqual({
          healthy: false,
          problems: [{ check: 'published_set', kid: null, detail }],
        });
      }),
    );
  });
});

describe('npm run keys -- check, of a server below a path', () => {
  it('asks below that path, from ISSUER or from the URL that it is given', async () => {
    const asked: (string | undefined)[] = [];
    const url = await listen((request, reply) => {
      asked.push(request.url);
      reply.writeHead(404).end();
    });
    const installation = await usedInstallation({ REPLICA_REFRESH: '1s', ISSUER: `${url}/auth` });
    const given = [[], ['--url', `${url}/auth`], ['--url', `${url}/auth/?x#y`]];
    await Promise.all(given.map((options) => runCommand('keys', ['check', ...options], installation)));
    expect(asked.length).toBeGreaterThanOrEqual(given.length);
    expect(new Set(asked)).toEqual(new Set(['/auth/.well-known/jwks.json']));
  });
});

describe('npm run keys -- check --offline', () => {
  it('asks nobody', async () => {
    let requests = 0;
    const url = await listen((_, reply) => {
      requests += 1;
      reply.end('{}');
    });
    await expectHealthy(await usedInstallation(), '--offline', '--url', url);
    expect(requests).toBe(0);
  });

  it('names a private part that is corrupt', async () => {
    const installation = await usedInstallation();
    const [, second = ''] = storedKids(installation);
    damage(installation, second);
    const problem = { check: 'private_parts', kid: second, detail: 'its sealed private part is corrupt' };
    expect(await problemsOf(installation, '--offline')).toContainEqual(problem);
    const { stdout } = await runCommand('keys', ['check', '--offline'], installation);
    expect(stdout.split('\n')).toContain(`private_parts  ${second}  its sealed private part is corrupt`);
  });

  it('names a row that no server wrote, which nothing else shows, until it is revoked', async () => {
    const installation = await usedInstallation();
    const [first = '', second = ''] = storedKids(installation);
    query(installation, 'update signing_keys set published_at = published_at - 1 where kid = ?', second);
    const problem = {
      check: 'facts',
      kid: second,
      detail: 'its MAC is not that of its facts: it was changed (in signing_keys)',
    };
    expect(await problemsOf(installation, '--offline')).toEqual([problem]);
    const listed = await runCommand('keys', ['list'], installation);
    expect(listed).toMatchObject({ code: 0, stderr: expect.stringContaining('keys check') as string });
    expect(listed.stdout).toContain(first);
    expect(listed.stdout).not.toContain(second);
    const exported = await runCommand('keys', ['export', '--public'], installation);
    expect(exported.stdout).not.toContain(second);
    expect(await runCommand('keys', ['revoke', second], installation)).toMatchObject({ code: 0 });
    await expectHealthy(installation, '--offline');
  });

  it('shows nothing of such a row as a signing key either, nor does any other command, whatever it is sealed under', async () => {
    const installation = await usedInstallation();
    const [, standby = ''] = storedKids(installation);
    const [under, evil] = [`v1.${'0'.repeat(16)}.`, '\u001b[31m\n\u009b31m'];
    const columns = 'published_at, activates_at, public_jwk, alg, sealed_private_key, facts_mac';
    const values = 'published_at, activates_at, public_jwk, ?, ?, ?';
    const insert = `insert into signing_keys (kid, succeeds, ${columns}) select ?, ?, ${values} from signing_keys where kid = ?`;
    for (const [at, [alg, sealed, mac]] of [
      ['RS256', `${under}${'A'.repeat(16)}.${'A'.repeat(40)}`, null],
      ['RS256', 'v1', `${under}${'A'.repeat(43)}`],
      [evil, null, evil],
    ].entries())
      query(installation, insert, `${evil}${at}`, `${evil}x${at}`, alg ?? '', sealed ?? null, mac ?? null, standby);
    query(installation, 'update audit_events set subject = ?, reason = ?', evil, evil);
    for (const args of [
      ['check', '--offline'],
      ['list'],
      ['plan'],
      ['timeline'],
      ['log'],
      ['rewrap'],
      ['revoke', evil],
    ])
      for (const json of [[], ['--json']]) {
        const { code, stdout, stderr } = await runCommand('keys', [...args, ...json], installation);
        expect(code).not.toBe(1);
        const escaped = stdout + stderr;
        expect(escaped).not.toMatch(/[\u001b\u009b]/);
        if (args[0] === 'log' && json.length > 0)
          expect((JSON.parse(stdout) as { events: unknown[] }).events.at(-1)).toMatchObject({
            subject: evil,
            reason: evil,
          });
      }
  });

  it('names what has nothing but itself to be believed by, before a server has started; no command believes it', async () => {
    const installation = await usedInstallation();
    await changeKeys(installation, async (office) => {
      const { publicJwk } = office.keyring.keys[0] ?? {};
      const key = { kid: 'theirs', alg: 'RS256', publicJwk: { ...publicJwk, e: 'AQAF' }, privateKey: null } as const;
      await importVerifyOnly(office, key, day, byTest);
    });
    await forgetMacs(installation);
    const before = dump(installation);
    const detail =
      'it has no MAC, and the first server of this version that starts takes it as it is (in verify_only_keys)';
    expect(await problemsOf(installation, '--offline')).toEqual([{ check: 'facts', kid: 'theirs', detail }]);
    for (const args of [
      ['rotate', '--force'],
      ['rotate', '--dry-run'],
      ['revoke', 'theirs'],
      ['export', '--public'],
    ]) {
      const { code, stderr } = await runCommand('keys', args, installation);
      expect({ args, code, stderr }).toEqual({
        args,
        code: 1,
        stderr: expect.stringMatching(/^No server of this version has started yet: .*\n$/) as string,
      });
    }
    expect(await runCommand('keys', ['list'], installation)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('theirs') as string,
      stderr: expect.stringContaining('No server of this version has started yet') as string,
    });
    expect(dump(installation)).toEqual(before);
  });

  it('shows nothing of a row that could be meant for the terminal', async () => {
    const installation = await usedInstallation();
    const kid = '\u001b[2Jevil';
    query(
      installation,
      `insert into verify_only_keys (kid, alg, public_jwk, published_at, published_until) values (?, 'RS256', '{}', 0, 9000000000)`,
      kid,
    );
    expect(await problemsOf(installation, '--offline')).toEqual([
      { check: 'facts', kid: null, detail: 'its facts are not those of a key (in verify_only_keys)' },
    ]);
    const { stdout, stderr } = await runCommand('keys', ['check', '--offline'], installation);
    expect(stdout + stderr).not.toContain('\u001b');
  });

  it('names what no server has done in time', async () => {
    const installation = await usedInstallation();
    const [first, second] = storedKids(installation);
    // A minute and more before the standby signs, it must have a standby of its own.
    await age(installation, 30 * day - 600);
    expect(await problemsOf(installation, '--offline')).toEqual([
      { check: 'due', kid: null, detail: 'a new standby is due' },
    ]);

    await age(installation, 1_200);
    const before = dump(installation);
    const due = (kid: string | null | undefined, detail: string) => ({ check: 'due', kid, detail });
    expect(await problemsOf(installation, '--offline')).toEqual([
      due(null, 'a new standby is due'),
      due(second, 'has begun to sign, and no server has noticed'),
      due(first, 'its private part is due to be destroyed'),
    ]);
    expect(dump(installation)).toEqual(before);

    const destroyed = 'update signing_keys set sealed_private_key = null, destroyed_at = activates_at where kid = ?';
    query(installation, destroyed, first ?? '');
    expect(await problemsOf(installation, '--offline')).toContainEqual(
      due(first, 'has retired, and is due to be removed'),
    );
    // A server does all of that as it starts.
    await changeKeys(installation, () => Promise.resolve());
    await expectHealthy(installation, '--offline');
  });

  it('says so where no server has run yet', async () => {
    const installation = await newInstallation();
    const detail = 'there are no keys: no server has run yet';
    expect(await problemsOf(installation, '--offline')).toEqual([{ check: 'due', kid: null, detail }]);
  });

  it.each<[what: string, spoil: (file: string) => Promise<void>, saying: RegExp]>([
    ['is missing', (file) => rm(file), /^The key-encryption key is missing: there is no file /],
    [
      'is another',
      (file) => writeFile(file, Buffer.alloc(32, 7).toString('base64')),
      / is sealed under .* but the configured /,
    ],
    ['may be read by others', (file) => chmod(file, 0o644), / is open to others than its owner \(mode 0644\)/],
    ['is malformed', (file) => writeFile(file, 'half a key'), / is malformed: /],
  ])('says so where the key-encryption key %s, and changes nothing', async (_, spoil, saying) => {
    const installation = await usedInstallation();
    const before = dump(installation);
    await spoil(join(installation.folder, 'keys', 'key-encryption-key'));
    const detail = expect.stringMatching(saying) as string;
    expect(await problemsOf(installation, '--offline')).toEqual([{ check: 'private_parts', kid: null, detail }]);
    expect(dump(installation)).toEqual(before);
  });
});
