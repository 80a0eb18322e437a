import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { rotateKeys } from '../../../src/keys/changes/rotation.ts';
import { authenticateAll, byTest, changeKeys, damage, dump, query, storedKids } from '../../support/installed-data.ts';
import { runCommand } from '../../support/command.ts';
import { type Installation, newInstallation } from '../../support/installation.ts';
import { run } from '../../support/process.ts';
import type { Finished } from '../../support/process.ts';
import { usedInstallation } from '../../support/used-installation.ts';

const rotate = (installation: Installation, ...args: string[]) => runCommand('keys', ['rotate', ...args], installation);
const rotateElsewhere = (installation: Installation, ...args: string[]) =>
  run('scripts/keys.ts', ['rotate', ...args], installation);

/** The document, if there is one, with moments that are given to the second taken out. */
function answerOf({ code, stdout, stderr }: Finished) {
  const document = stdout === '' ? null : (JSON.parse(stdout) as Record<string, string>);
  const by = document?.['previous_retires_by'];
  return {
    code,
    stderr,
    document: by === undefined ? document : { ...document, previous_retires_by: 'some time' },
    by,
  };
}

describe('npm run keys -- rotate --dry-run', () => {
  it.each<[what: string, args: string[], code: number]>([
    ['a rotation that is too soon', [], 3],
    ['one that is forced', ['--force'], 0],
    ['one of another signer', ['--force', '--signer', 'nobody'], 5],
  ])('answers as the real one does, and changes nothing: %s', async (_, args, code) => {
    const installation = await usedInstallation();
    const before = dump(installation);
    const rehearsed = answerOf(await rotate(installation, '--dry-run', '--json', ...args));
    expect(rehearsed.code).toBe(code);
    expect(dump(installation)).toEqual(before);

    const real = answerOf(await rotate(installation, '--json', ...args));
    const state = code === 0 ? { state: 'would rotate' } : {};
    expect({ ...rehearsed, by: null }).toEqual({
      ...real,
      document: real.document && { ...real.document, ...state },
      by: null,
    });
    // The real one came a little later.
    const [late, early] = [Date.parse(real.by ?? ''), Date.parse(rehearsed.by ?? '')];
    if (code === 0) expect(late - early).toSatisfy((difference: number) => difference >= 0 && difference <= 20_000);
  });

  it('says so for people, of one that is safe', async () => {
    const installation = await usedInstallation();
    query(installation, 'update signing_keys set published_at = published_at - 7200');
    await authenticateAll(installation);
    const [first = '', second = ''] = storedKids(installation);
    const before = dump(installation);
    const { code, stdout, stderr } = await rotate(installation, '--dry-run', '--signer', first);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^${second} would sign\\. ${first} would leave the set by \\S+Z\\.\\n$`));
    expect(dump(installation)).toEqual(before);
  });

  it('foresees the standby that the real one makes first, where there is none', async () => {
    const installation = await newInstallation({ KEY_ALGORITHM: 'ES256' });
    const planned = [
      await rotate(installation, '--dry-run', '--json'),
      await rotate(installation, '--dry-run', '--force'),
    ];
    expect(planned.map(({ code }) => code)).toEqual([3, 0]);
    expect(JSON.parse(planned[0]?.stdout ?? '')).toMatchObject({ state: 'refused', kid: 'next-2' });
    expect(planned[1]?.stdout).toMatch(/^next-2 would sign\. next-1 would leave /);
    expect(storedKids(installation)).toEqual([]);
    expect(await rotate(installation)).toMatchObject({ code: 3 });

    const [first = '', second = ''] = storedKids(installation);
    damage(installation, second);
    const before = dump(installation);
    const rehearsed = await rotate(installation, '--dry-run', '--force', '--json');
    expect(JSON.parse(rehearsed.stdout)).toMatchObject({ kid: 'next-1', previous_kid: first });
    expect(dump(installation)).toEqual(before);
    const { stdout } = await rotate(installation, '--force', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ kid: storedKids(installation)[2], previous_kid: first });
  });

  it('works while others rotate', async () => {
    const installation = await newInstallation({ KEY_ALGORITHM: 'ES256' });
    await changeKeys(installation, async (office) => {
      const rehearsing = [1, 2].map(() => rotateElsewhere(installation, '--dry-run', '--force', '--json'));
      const over = new AbortController();
      const ends = Promise.all(rehearsing).finally(() => {
        over.abort();
      });
      while (!over.signal.aborted) {
        await rotateKeys(office, { force: true, cause: byTest });
        await sleep(10);
      }
      for (const { code, stdout, stderr } of await ends) {
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        const { kid, previous_kid: previous } = JSON.parse(stdout) as { kid: string; previous_kid: string };
        // A rotation that has just been made may not have made its new standby yet.
        const kids = storedKids(installation);
        if (kid !== 'next-1') expect(kids.indexOf(kid)).toBe(kids.indexOf(previous) + 1);
      }
    });
  });

  it('fails as the real one does without the key-encryption key', async () => {
    const installation = await usedInstallation();
    await rm(join(installation.folder, 'keys', 'key-encryption-key'));
    const rehearsed = await rotate(installation, '--dry-run', '--force');
    const real = await rotate(installation, '--force');
    expect(rehearsed).toEqual(real);
    expect(real).toMatchObject({ code: 1, stdout: '' });
    expect(real.stderr).toMatch(/^The key-encryption key is missing: .*\n$/);
  });
});

describe('npm run keys -- rotate --signer', () => {
  it('may be repeated: the second time it is a conflict, and nothing happens', async () => {
    const installation = await usedInstallation();
    const [first = '', second = ''] = storedKids(installation);
    const args = ['--force', '--signer', first, '--reason', 'the yearly drill'];
    expect(await rotate(installation, ...args)).toMatchObject({ code: 0, stderr: '' });
    const after = dump(installation);
    const again = await rotate(installation, ...args, '--json');
    const saying = `${first} does not sign: ${second} does.\n`;
    expect(again).toEqual({ code: 5, stdout: '', stderr: saying });
    expect(dump(installation)).toEqual(after);
    const reasons = query(
      installation,
      "select reason from audit_events where type = 'key.activated' order by seq desc",
    );
    expect(reasons[0]).toEqual({ reason: 'the yearly drill' });
  });

  it('given twice at once rotates once', async () => {
    const installation = await usedInstallation();
    const [first = ''] = storedKids(installation);
    const ends = await Promise.all([1, 2].map(() => rotateElsewhere(installation, '--force', '--signer', first)));
    expect(ends.map(({ code }) => code).sort()).toEqual([0, 5]);
    expect(storedKids(installation)).toHaveLength(3);
  });
});
