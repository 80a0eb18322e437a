import { chmod, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sealPrivateKey, sealedUnder, unsealPrivateKey } from '../../../src/keys/sealing/seal.ts';
import { parseKeyEncryptionKey } from '../../../src/keys/sealing/key-encryption-key.ts';
import { changeKeys, damage, dump, forgetMacOf, query, storedKids } from '../../support/installed-data.ts';
import { newEc, pemOf } from '../../support/keys/key-material.ts';
import { runCommand } from '../../support/command.ts';
import type { Installation } from '../../support/installation.ts';
import { usedInstallation } from '../../support/used-installation.ts';

const rewrap = (installation: Installation, ...args: string[]) => runCommand('keys', ['rewrap', ...args], installation);
const pathOf = ({ folder }: Installation, name: string): string => join(folder, 'keys', `key-encryption-key${name}`);
const filesOf = async ({ folder }: Installation): Promise<string[]> => (await readdir(join(folder, 'keys'))).sort();

type Rewrapped = {
  sealed_under: string;
  source: string;
  resealed: string[];
  renewed: string[];
  corrupt: string[];
  rejected: string[];
  without_mac: string[];
  waiting: string[];
  removed: string[];
  older_needed: boolean;
  none_may_sign: boolean;
};

async function rewrapped(installation: Installation, ...args: string[]): Promise<Rewrapped> {
  const { code, stdout, stderr } = await rewrap(installation, '--json', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Rewrapped;
}

function sealedUnderWhat(installation: Installation): (string | null)[] {
  const rows = query<{ sealed: string }>(
    installation,
    'select sealed_private_key as sealed from signing_keys order by place',
  );
  return rows.map(({ sealed }) => sealedUnder(sealed));
}

/** As a server leaves it that has read the first file alone, just now. */
async function sealUnderFirst(installation: Installation, kid: string): Promise<void> {
  const keks = [];
  for (const name of ['', '.2'])
    keks.push(parseKeyEncryptionKey(await readFile(pathOf(installation, name), 'utf8'), name));
  const statement = 'select sealed_private_key as sealed from signing_keys where kid = ?';
  const [row] = query<{ sealed: string }>(installation, statement, kid);
  const text = unsealPrivateKey(keks, kid, row?.sealed ?? '');
  const [first] = keks;
  if (first !== undefined) damage(installation, kid, sealPrivateKey(first, kid, text));
}

async function expectAllReadable(installation: Installation): Promise<void> {
  const { code, stdout, stderr } = await runCommand('keys', ['list', '--json'], installation);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { keys } = JSON.parse(stdout) as { keys: { unreadable: boolean }[] };
  expect(keys.map(({ unreadable }) => unreadable)).not.toContain(true);
}

describe('npm run keys -- rewrap', () => {
  it('makes a newer key-encryption key, and seals everything under it', async () => {
    const installation = await usedInstallation();
    const kids = storedKids(installation);
    const before = sealedUnderWhat(installation);
    const args = ['rewrap', '--reason', 'the yearly change', '--json'];
    const { code, stdout, stderr } = await runCommand('keys', args, installation);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const view = JSON.parse(stdout) as Rewrapped;
    const source = pathOf(installation, '.2');
    const sealed_under = parseKeyEncryptionKey(await readFile(source, 'utf8'), source).id;
    const faults = { corrupt: [], rejected: [], without_mac: [], waiting: [], removed: [] };
    const older = { older_needed: false, none_may_sign: false };
    expect(view).toEqual({ sealed_under, source, resealed: kids, renewed: kids, ...faults, ...older });
    expect(sealedUnderWhat(installation)).toEqual([sealed_under, sealed_under]);
    expect(before).not.toContain(sealed_under);
    expect(await filesOf(installation)).toEqual(['key-encryption-key', 'key-encryption-key.2']);
    await expectAllReadable(installation);
    const events = query(installation, "select subject, reason from audit_events where type = 'key.resealed'");
    expect(events).toEqual(kids.map((subject) => ({ subject, reason: 'the yearly change' })));
  });

  it('goes on with one that was interrupted, and makes no third key for it', async () => {
    const installation = await usedInstallation();
    await rewrap(installation);
    const [first = ''] = storedKids(installation);
    await sealUnderFirst(installation, first);
    expect(await rewrapped(installation)).toMatchObject({ source: pathOf(installation, '.2'), resealed: [first] });
    expect(await filesOf(installation)).toHaveLength(2);
    // One that is asked for after that is a new one.
    expect(await rewrapped(installation)).toMatchObject({ source: pathOf(installation, '.3') });
  });

  it('with --discard-old removes old files as soon as it has found nothing left to do', async () => {
    const installation = await usedInstallation();
    await rewrap(installation);
    const [first = ''] = storedKids(installation);
    await sealUnderFirst(installation, first);
    const removed = [pathOf(installation, '')];
    expect(await rewrapped(installation, '--discard-old')).toMatchObject({ resealed: [first], removed });
    expect(await filesOf(installation)).toEqual(['key-encryption-key.2']);
    await expectAllReadable(installation);
    await rewrap(installation);

    const ended = await rewrap(installation, '--discard-old');
    const said =
      `0 private parts were sealed anew, under ${pathOf(installation, '.3')}.\nThe facts of 0 keys were authenticated anew.\n` +
      `${pathOf(installation, '.2')} is removed.\n`;
    expect(ended).toEqual({ code: 0, stdout: said, stderr: '' });
    expect(await rewrapped(installation, '--discard-old')).toMatchObject({ resealed: [], removed: [] });
  });

  it('with --discard-old fails, and removes nothing, where a private part is put back as often as it is sealed anew', async () => {
    const installation = await usedInstallation();
    const [first = ''] = storedKids(installation);
    query(
      installation,
      `create trigger put_back after update of sealed_private_key on signing_keys
       when old.kid = '${first}' and new.sealed_private_key <> old.sealed_private_key begin
         update signing_keys set sealed_private_key = old.sealed_private_key where kid = old.kid;
       end`,
    );
    for (const args of [[], ['--discard-old']]) {
      const { code, stdout, stderr } = await rewrap(installation, ...args);
      expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
      expect(stderr).toMatch(new RegExp(`^.* ${first}.*\\. Nothing is removed\\. .*\\n$`));
    }
    expect(await filesOf(installation)).toHaveLength(2);
    query(installation, 'drop trigger put_back');
    expect(await rewrapped(installation, '--discard-old')).toMatchObject({ removed: [pathOf(installation, '')] });
    await expectAllReadable(installation);
  });

  it('makes every MAC anew before --discard-old removes anything, that of keys without a private part, too', async () => {
    const installation = await usedInstallation();
    const [first, second] = storedKids(installation);
    await runCommand('keys', ['import', '-', '--kid', 'theirs'], installation, pemOf(newEc().publicKey));
    const [old] = query<{ mac: string }>(installation, 'select facts_mac as mac from verify_only_keys');
    expect(await rewrapped(installation)).toMatchObject({ renewed: [first, second, 'theirs'] });
    // As a server leaves it that has read the old file alone, just now.
    query(installation, 'update verify_only_keys set facts_mac = ?', old?.mac ?? '');
    const removed = [pathOf(installation, '')];
    expect(await rewrapped(installation, '--discard-old')).toMatchObject({ renewed: ['theirs'], removed });
    expect(await runCommand('keys', ['check', '--offline'], installation)).toMatchObject({ code: 0, stderr: '' });
  });

  it('names a row that no server takes for a key, leaves it, ends with 6, and keeps no old key for it', async () => {
    const installation = await usedInstallation();
    const [first, second = ''] = storedKids(installation);
    query(installation, 'update signing_keys set published_at = 1 where kid = ?', second);
    const saying = `No server takes these for keys: revoke or delete them: ${second}.\n`;
    const { code, stdout, stderr } = await rewrap(installation, '--json');
    expect({ code, stderr }).toEqual({ code: 6, stderr: saying });
    expect(JSON.parse(stdout)).toMatchObject({ resealed: [first], renewed: [first], rejected: [second], removed: [] });
    const discarded = await rewrap(installation, '--discard-old');
    expect(discarded).toMatchObject({ code: 6, stderr: saying });
    expect(discarded.stdout).toContain(`\n${pathOf(installation, '')} is removed.\n`);
    expect(await filesOf(installation)).toEqual(['key-encryption-key.2']);
    await runCommand('keys', ['revoke', second], installation);
    expect(await rewrap(installation, '--discard-old')).toMatchObject({ code: 0 });
    await expectAllReadable(installation);
  });

  it('keeps no old key for a private part from before, in a row that no server takes for a key [HOSTILE/key-row]', async () => {
    const installation = await usedInstallation();
    const [first = '', second = ''] = storedKids(installation);
    await forgetMacOf(installation, second);
    const other =
      'update signing_keys set public_jwk = (select public_jwk from signing_keys where kid = ?) where kid = ?';
    query(installation, other, first, second);
    const saying = `No server takes these for keys: revoke or delete them: ${second}.\n`;
    expect(await rewrap(installation)).toMatchObject({ code: 6, stderr: saying });
    const sealed = sealedUnderWhat(installation);
    expect(await rewrap(installation, '--discard-old')).toMatchObject({ code: 6, stderr: saying });
    expect(await filesOf(installation)).toEqual(['key-encryption-key.2']);
    // It opens nowhere any more, and was not sealed anew.
    expect(sealedUnderWhat(installation)).toEqual(sealed);
    expect(sealed[1]).not.toBe(sealed[0]);
  });

  it('names a row without a MAC, leaves it, and keeps the old key until a server has given it one', async () => {
    const installation = await usedInstallation();
    const [first, second = ''] = storedKids(installation);
    await forgetMacOf(installation, second);
    const saying = `Without a MAC, and left as they are until a server has given them one: ${second}.\n`;
    const { code, stdout, stderr } = await rewrap(installation, '--json');
    expect({ code, stderr }).toEqual({ code: 6, stderr: saying });
    const view = JSON.parse(stdout) as Rewrapped;
    expect(view).toMatchObject({ resealed: [first], renewed: [first], without_mac: [second], removed: [] });
    expect(await rewrap(installation, '--discard-old')).toMatchObject({ code: 6, stderr: saying });
    expect(await filesOf(installation)).toHaveLength(2);
    // As a server that starts does: it opens the part, and it is that of the key.
    await changeKeys(installation, async () => undefined);
    expect(await rewrapped(installation, '--discard-old')).toMatchObject({ removed: [pathOf(installation, '')] });
    await expectAllReadable(installation);
  });

  it('tells a row that somebody has put into the other table, under the kid of the signer, from the signer', async () => {
    const installation = await usedInstallation();
    const [first = '', second] = storedKids(installation);
    const insert = `insert into verify_only_keys (kid, alg, public_jwk, published_at, published_until)
      select kid, alg, ?, published_at, published_at + 9999 from signing_keys where kid = ?`;
    query(installation, insert, '{}', first);
    const { code, stdout, stderr } = await rewrap(installation, '--json');
    const saying = `No server takes these for keys: revoke or delete them: ${first} (in verify_only_keys).\n`;
    expect({ code, stderr }).toEqual({ code: 6, stderr: saying });
    expect(JSON.parse(stdout)).toMatchObject({ resealed: [first, second], renewed: [first, second] });
    await rewrap(installation);
    expect(await filesOf(installation)).toHaveLength(2);
  });

  it('names twenty rows of many, and counts the others', async () => {
    const installation = await usedInstallation();
    query(
      installation,
      `insert into signing_keys (kid, succeeds, alg, published_at, activates_at, public_jwk)
       with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 500)
       select 'k' || n, 's' || n, alg, published_at, activates_at, public_jwk from numbers, (select * from signing_keys limit 1)`,
    );
    const { code, stdout, stderr } = await rewrap(installation, '--json');
    expect(code).toBe(6);
    expect(stderr).toMatch(/: k1, k2, .*, k20, and 480 more\.\n$/);
    expect((JSON.parse(stdout) as Rewrapped).rejected).toHaveLength(20);
  });

  it('does all the rest where somebody has put in a row under a key that nobody has, which keeps no old one', async () => {
    const installation = await usedInstallation();
    const kids = storedKids(installation);
    const under = `v1.${'0'.repeat(16)}.`;
    const columns = 'alg, published_at, activates_at, public_jwk';
    const insert = `insert into signing_keys (kid, succeeds, ${columns}, sealed_private_key, facts_mac, place)
      select 'planted', 'x', ${columns}, ?, ?, -1 from signing_keys where kid = ?`;
    const sealed = `${under}${'A'.repeat(16)}.${'A'.repeat(40)}`;
    query(installation, insert, sealed, `${under}${'A'.repeat(43)}`, kids[0] ?? '');
    const { code, stdout, stderr } = await rewrap(installation, '--json');
    const saying = 'Under a key-encryption key that is not at hand, and left as they are: planted.\n';
    expect({ code, stderr }).toEqual({ code: 6, stderr: saying });
    expect(JSON.parse(stdout)).toMatchObject({ resealed: kids, renewed: kids, rejected: [], waiting: ['planted'] });
    expect(await rewrap(installation, '--discard-old')).toMatchObject({ code: 6, stderr: saying });
    expect(await filesOf(installation)).toEqual(['key-encryption-key.2']);
    query(installation, `delete from signing_keys where kid = 'planted'`);
    await expectAllReadable(installation);
  });

  it.each([
    ['their private parts are gone', 'update signing_keys set sealed_private_key = null'],
    ['their rows are gone', 'delete from signing_keys'],
    [
      'another has ended their turns',
      `update signing_keys set activates_at = 1,
       sealed_private_key = null where succeeds in (select kid from signing_keys)`,
    ],
  ])('keeps the old key where no key may sign, says so, and makes no third: %s [HOSTILE/key-row]', async (_, harm) => {
    const installation = await usedInstallation();
    query(installation, 'create table kept as select * from signing_keys');
    query(installation, harm);
    // The first run makes the second key: before it there is no older one that could stay. Later runs make no third.
    const saying =
      'No key may sign as things are: keep the older key-encryption keys. Start a server, which mends what it can and makes a key where none is left, or put back what is missing; then run this again.\n';
    for (const args of [[], [], ['--json'], ['--discard-old'], ['--discard-old', '--json']]) {
      const { code, stdout, stderr } = await rewrap(installation, ...args);
      expect({ code, stderr }).toEqual({ code: 6, stderr: saying });
      if (args.includes('--json'))
        expect(JSON.parse(stdout)).toMatchObject({ removed: [], older_needed: true, none_may_sign: true });
      else expect(stdout).not.toMatch(/Not needed|is removed/);
      expect(await filesOf(installation)).toEqual(['key-encryption-key', 'key-encryption-key.2']);
    }
    query(installation, 'delete from signing_keys');
    query(installation, 'insert into signing_keys select * from kept');
    const removed = [pathOf(installation, '')];
    expect(await rewrapped(installation, '--discard-old')).toMatchObject({ removed });
    await expectAllReadable(installation);
  });

  it('without --discard-old says what is not needed any more', async () => {
    const installation = await usedInstallation();
    const { stdout } = await rewrap(installation);
    expect(stdout).toBe(
      `2 private parts were sealed anew, under ${pathOf(installation, '.2')}.\n` +
        'The facts of 2 keys were authenticated anew.\n' +
        `Not needed any more, once every server reads the new one: ${pathOf(installation, '')} (--discard-old).\n`,
    );
  });

  it('takes the new key from the environment, and the old one, too; then the old one may go', async () => {
    const installation = await usedInstallation();
    const KEY_ENCRYPTION_KEY_PREVIOUS = (await readFile(pathOf(installation, ''), 'utf8')).trim();
    const KEY_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString('base64');
    const during = { ...installation.environment, KEY_ENCRYPTION_KEY, KEY_ENCRYPTION_KEY_PREVIOUS };
    const after = { ...installation.environment, KEY_ENCRYPTION_KEY };
    // The old one is a file for now, which the servers do not read any more.
    await rm(join(installation.folder, 'keys'), { recursive: true });

    const view = await rewrapped({ ...installation, environment: during });
    expect(view).toMatchObject({ source: 'KEY_ENCRYPTION_KEY', resealed: storedKids(installation), removed: [] });
    expect(await rewrapped({ ...installation, environment: during })).toMatchObject({ resealed: [] });
    await expectAllReadable({ ...installation, environment: after });
    expect(await readdir(installation.folder)).not.toContain('keys');
  });

  it.each(['', '.2'])(
    'refuses beside a key file that others may read, and names it: key-encryption-key%s',
    async (name) => {
      const installation = await usedInstallation();
      await rewrap(installation);
      await chmod(pathOf(installation, name), 0o644);
      const before = [dump(installation), await filesOf(installation)];
      const ended = await rewrap(installation);
      expect(ended).toMatchObject({ code: 1, stdout: '' });
      expect(ended.stderr).toMatch(
        /^The key-encryption key in \S+ is open to others than its owner \(mode 0644\)\. .*\n$/,
      );
      expect(ended.stderr).toContain(`chmod 600 ${pathOf(installation, name)}\``);
      expect([dump(installation), await filesOf(installation)]).toEqual(before);
    },
  );

  it('names a private part that is corrupt, leaves it, goes on with the others, and ends with 6', async () => {
    const installation = await usedInstallation();
    const [first, second = ''] = storedKids(installation);
    damage(installation, second);
    for (const resealed of [[first], []]) {
      const { code, stdout, stderr } = await rewrap(installation, '--json');
      expect({ code, stderr }).toEqual({
        code: 6,
        stderr: `Corrupt, and left as they are: revoke or delete them: ${second}.\n`,
      });
      // However often it is run: no further key-encryption key is made while one is not done with.
      const source = pathOf(installation, '.2');
      expect(JSON.parse(stdout)).toMatchObject({ source, resealed, corrupt: [second], removed: [] });
    }
    const [row] = query(installation, 'select sealed_private_key as sealed from signing_keys where kid = ?', second);
    expect(row).toEqual({ sealed: 'v1.damaged' });
    expect(await rewrap(installation, '--discard-old')).toMatchObject({ code: 6 });
    expect(await filesOf(installation)).toEqual(['key-encryption-key.2']);
  });

  it('refuses with a wrong key, with none, and with half of one, and changes nothing', async () => {
    const installation = await usedInstallation();
    const before = dump(installation);
    const file = pathOf(installation, '');
    const id = sealedUnderWhat(installation)[0] ?? '';
    for (const [text, saying] of [
      [
        `${Buffer.alloc(32, 7).toString('base64')}\n`,
        new RegExp(`are sealed under .* fingerprint ${id}, but the configured one is `),
      ],
      ['half a key', /^The key-encryption key in .* is malformed: /],
      [null, /^The key-encryption key is missing: /],
    ] as const) {
      if (text === null) await rm(file);
      else await writeFile(file, text, { mode: 0o600 });
      const files = await filesOf(installation);
      const ended = await rewrap(installation);
      expect(ended).toMatchObject({ code: 1, stdout: '' });
      expect(ended.stderr).toMatch(saying);
      expect(ended.stderr.trimEnd()).not.toContain('\n');
      expect([dump(installation), await filesOf(installation)]).toEqual([before, files]);
    }
  });
});
