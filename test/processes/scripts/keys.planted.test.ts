import { describe, expect, it } from 'vitest';
import { runCommand } from '../../support/command.ts';
import { query, storedKids } from '../../support/installed-data.ts';
import type { Installation } from '../../support/installation.ts';
import { usedInstallation } from '../../support/used-installation.ts';

const keys = (installation: Installation, ...args: string[]) => runCommand('keys', args, installation);

/** With a row that could sign, under a key-encryption key that nobody has, whose turn has come. */
async function installationWithWaiting() {
  const installation = await usedInstallation();
  const mac = `v1.${'f'.repeat(16)}.${'A'.repeat(43)}`;
  const columns = 'alg, published_at, activates_at, public_jwk';
  const sealed = `v1.${'f'.repeat(16)}.${'A'.repeat(16)}.${'A'.repeat(64)}`;
  const insert = `insert into signing_keys (kid, succeeds, ${columns}, sealed_private_key, facts_mac)
    select 'planted', 'x', ${columns}, ?, ? from signing_keys order by place limit 1`;
  query(installation, insert, sealed, mac);
  return installation;
}

describe('a row that waits for a key-encryption key that nobody has', () => {
  it('is listed apart, and in the way of no command', async () => {
    const installation = await installationWithWaiting();
    const [signer, standby] = storedKids(installation);
    const ended = await keys(installation, 'list', '--json');
    expect(ended).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^1 rows wait for a key-encryption key/) as string,
    });
    const list = JSON.parse(ended.stdout) as Record<'keys' | 'waiting', { kid: string; state: string }[]>;
    expect(list.keys.map(({ kid, state }) => [kid, state])).toEqual([
      [signer, 'active'],
      [standby, 'standby'],
    ]);
    expect(list.waiting).toMatchObject([
      { kid: 'planted', state: 'waiting', detail: expect.stringContaining('ffff') as string },
    ]);
    expect((await keys(installation, 'list')).stdout).toMatch(/\nplanted {2}waiting {3}\S+ {2}The MAC of planted/);

    const exported = await keys(installation, 'export', '--public');
    expect(exported.code).toBe(0);
    const set = JSON.parse(exported.stdout) as { keys: { kid: string }[] };
    expect(set.keys.map(({ kid }) => kid)).toEqual([signer, standby]);
    const rotated = await keys(installation, 'rotate', '--dry-run', '--force', '--json');
    expect(rotated.code).toBe(0);
    expect(JSON.parse(rotated.stdout)).toMatchObject({ kid: standby, previous_kid: signer });

    const checked = await keys(installation, 'check', '--offline', '--json');
    expect(checked).toMatchObject({ code: 6, stderr: '1 to look into.\n' });
    const { problems } = JSON.parse(checked.stdout) as { problems: object[] };
    expect(problems).toEqual([
      { check: 'facts', kid: 'planted', detail: expect.stringMatching(/ffff.* \(in signing_keys\)$/) as string },
    ]);
  });

  it('is done with when it is revoked', async () => {
    const installation = await installationWithWaiting();
    const [signer] = storedKids(installation);
    const ended = await keys(installation, 'revoke', 'planted', '--json');
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ kid: 'planted', signer });
    expect(await keys(installation, 'check', '--offline')).toMatchObject({ code: 0 });
    expect((await keys(installation, 'list')).stdout).not.toContain('planted');
  });
});

describe('a row of the other table, under the kid of the signer,', () => {
  async function plant() {
    const installation = await usedInstallation();
    const [signer = '', standby = ''] = storedKids(installation);
    const insert = `insert into verify_only_keys (kid, alg, public_jwk, published_at, published_until)
      select kid, alg, public_jwk, published_at, published_at + 9999 from signing_keys where kid = ?`;
    query(installation, insert, signer);
    return { installation, signer, standby };
  }

  it('is told from it by keys check, with the command that revokes it and spares the key', async () => {
    const { installation, signer } = await plant();
    const checked = await keys(installation, 'check', '--offline');
    const args = ['revoke', '--row', 'verify_only_keys', signer];
    const saying = `another row has its kid, too (in verify_only_keys): npm run keys -- ${args.join(' ')}`;
    expect(checked).toEqual({ code: 6, stdout: `facts  ${signer}  ${saying}\n`, stderr: '1 to look into.\n' });

    const ended = await keys(installation, ...args);
    const said = `The row of ${signer} in verify_only_keys is revoked.\nIts row in signing_keys stays as it is.\n`;
    expect(ended).toMatchObject({ code: 0, stdout: said });
    expect(await keys(installation, 'check', '--offline')).toMatchObject({ code: 0 });
    expect((await keys(installation, 'list')).stdout).toContain(`${signer}  active`);
    const again = JSON.parse((await keys(installation, ...args, '--json')).stdout) as object;
    expect(again).toMatchObject({ kid: signer, signer, rows: [], rows_left: ['signing_keys'] });
  });

  it('keeps nobody from revoking that one: it goes first, and both are gone', async () => {
    const { installation, signer, standby } = await plant();
    const ended = await keys(installation, 'revoke', signer, '--json');
    expect(ended.code).toBe(0);
    const rows = ['signing_keys', 'verify_only_keys'];
    expect(JSON.parse(ended.stdout)).toMatchObject({ state: 'revoked', signer: standby, rows, rows_left: [] });
    expect((await keys(installation, 'list')).stdout).toContain(`${standby}  active`);
    expect(await keys(installation, 'check', '--offline')).toMatchObject({ code: 0 });
  });

  it('is no row of the table that is named: then nothing is revoked', async () => {
    const installation = await usedInstallation();
    const [signer = ''] = storedKids(installation);
    const ended = await keys(installation, 'revoke', '--row', 'verify_only_keys', signer);
    expect(ended).toEqual({ code: 4, stdout: '', stderr: `There is no key ${signer} in verify_only_keys.\n` });
    expect((await keys(installation, 'list')).stdout).toContain(`${signer}  active`);
  });
});

describe('very many rows that no server wrote', () => {
  it('are counted by keys check, and the first of them named', async () => {
    const installation = await usedInstallation();
    query(
      installation,
      `insert into signing_keys (kid, succeeds, alg, published_at, activates_at, public_jwk)
       with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 500)
       select 'k' || n, 's' || n, alg, published_at, activates_at, public_jwk from numbers, (select * from signing_keys limit 1)`,
    );
    const { code, stdout, stderr } = await keys(installation, 'check', '--offline');
    expect({ code, stderr }).toEqual({ code: 6, stderr: '500 to look into.\n' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(21);
    expect(lines[0]).toBe('facts  k1  it has no MAC (in signing_keys)');
    expect(lines.at(-1)).toBe('facts  and 480 more');
  });
});
