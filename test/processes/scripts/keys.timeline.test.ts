import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { addMac } from '../../../src/keys/sealing/facts-mac.ts';
import { startBrowser } from '../../support/browser.ts';
import { byTest, changeKeys, storedKids } from '../../support/installed-data.ts';
import { runCommand } from '../../support/command.ts';
import { type Installation, newInstallation } from '../../support/installation.ts';
import { usedInstallation } from '../../support/used-installation.ts';

const timeline = (installation: Installation, ...args: string[]) =>
  runCommand('keys', ['timeline', ...args], installation);

/** A name that an imported key may have: printable ASCII without spaces. */
const HOSTILE = `"><script>alert('&lt;')</script>&]]>`;

/** An installation whose second key has been revoked, and that publishes a key of another issuer under a hostile name. */
async function eventfulInstallation(): Promise<{ installation: Installation; kids: string[] }> {
  const installation = await usedInstallation();
  const [first = '', second = ''] = storedKids(installation);
  const at = Math.floor(Date.now() / 1000);
  const occasion = { ...byTest, at };
  await changeKeys(installation, async ({ keyring, store, verifyOnly, macs }) => {
    const publicJwk = keyring.keys[0]?.publicJwk ?? {};
    const moments = { publishedAt: at, publishedUntil: at + 9_000, revokedAt: null };
    const foreign = await addMac({ kid: HOSTILE, alg: 'RS256', publicJwk, ...moments, factsMac: null } as const, macs);
    await verifyOnly.insertVerifyOnlyKey(foreign, occasion);
    await store.revokeKey(second, { promote: null, spare: null }, occasion);
  });
  return { installation, kids: [first, second] };
}

describe('npm run keys -- timeline', () => {
  it('draws a row for each key, now, the moments, and a legend, in 80 columns and without colours where none are', async () => {
    const { installation, kids } = await eventfulInstallation();
    const { code, stdout, stderr } = await timeline(installation, '--rotations', '2');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toContain('\u001b');
    const lines = stdout.split('\n');
    for (const kid of kids) expect(lines.filter((line) => line.startsWith(kid.slice(0, 6)))).toHaveLength(1);
    const rows = lines.slice(1, 1 + 5);
    for (const line of [...rows, lines[6] ?? '']) expect(line.length).toBeLessThanOrEqual(80);
    expect(rows.map((row) => /(active|revoked|planned|verify-only) /.exec(row)?.[1])).toEqual([
      'active',
      'revoked',
      'planned',
      'planned',
      'planned',
    ]);
    expect(lines[6]).toMatch(/^"><scr.* verify-only /);
    expect(lines[0]?.trim()).toBe('now');
    expect(stdout).toMatch(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}in \d+d( \d+h)? +.* active/);
    for (const meaning of ['standby', 'signs', 'verifies only', 'gone', 'revoked', 'not to scale'])
      expect(lines.at(-2)).toContain(meaning);
  });

  it('gives programs the spans of each key', async () => {
    const { installation, kids } = await eventfulInstallation();
    const { code, stdout } = await timeline(installation, '--json', '--rotations', '1');
    expect(code).toBe(0);
    type Span = { state: string; from: string; until: string | null };
    const { now, until, keys } = JSON.parse(stdout) as {
      now: string;
      until: string;
      keys: { kid: string; alg: string; state: string | null; spans: Span[] }[];
    };
    expect(keys.map(({ kid, alg, state }) => [kid, alg, state])).toEqual([
      [kids[0], 'RS256', 'active'],
      [kids[1], 'RS256', 'revoked'],
      ['next-1', 'RS256', null],
      ['next-2', 'RS256', null],
      [HOSTILE, 'RS256', 'verify-only'],
    ]);
    expect(keys[0]?.spans.map(({ state }) => state)).toEqual(['active', 'retiring']);
    expect(keys[1]?.spans.at(-1)).toMatchObject({ state: 'revoked', until: null });
    expect(keys[2]?.spans[0]).toMatchObject({ state: 'standby', from: now });
    for (const { spans } of keys)
      for (const [place, { until: end }] of spans.entries())
        if (place < spans.length - 1) expect(spans[place + 1]?.from).toBe(end);
    expect(keys[0]?.spans.at(-1)?.until).toBe(until);
  });

  it('writes a picture that is well-formed, loads and runs nothing, and shows every kid as it is', async () => {
    const { installation, kids } = await eventfulInstallation();
    const file = join(installation.folder, 'keys.svg');
    const { code, stdout, stderr } = await timeline(installation, '--svg', file);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `The picture is in ${file}.\n`, stderr: '' });
    expect(await readFile(file, 'utf8')).not.toContain('<script');

    const page = await (await startBrowser()).newPage();
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    const url = pathToFileURL(file).href;
    await page.goto(url);
    expect(requests).toEqual([url]);
    // Chromium shows where a document is not well-formed XML in an element of this name.
    expect(await page.locator('parsererror').count()).toBe(0);
    const names = await page.evaluate(
      '[document.documentElement.nodeName, document.querySelectorAll("script").length]',
    );
    expect(names).toEqual(['svg', 0]);
    const titles = await page.locator('g > title').allTextContents();
    for (const kid of [...kids, HOSTILE, 'next-1']) expect(titles).toContain(kid);
    const words = (await page.locator('title, desc').allTextContents()).slice(0, 2);
    expect(words[0]).toBe('Timeline of the signing keys');
    for (const kid of [...kids, HOSTILE]) expect(words[1]).toContain(kid);
    expect(await page.locator('text.kid').count()).toBeGreaterThanOrEqual(6);
  });

  it('writes the picture to standard output for -, and nothing else', async () => {
    const installation = await usedInstallation();
    const { code, stdout } = await timeline(installation, '--svg', '-');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^<svg [^]*<\/svg>\n$/);
    await expect(stat('-')).rejects.toThrow('ENOENT');

    const both = await timeline(installation, '--svg', '-', '--json');
    expect(both).toMatchObject({ code: 2, stdout: '' });
    expect(both.stderr).toMatch(/^error: [^\n]*\n$/);
  });

  it('ends with 1 and a line where the picture cannot be written', async () => {
    const installation = await newInstallation();
    const { code, stdout, stderr } = await timeline(installation, '--svg', join(installation.folder, 'no', 'keys.svg'));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^ENOENT[^\n]*\n$/);
  });

  it('works without the key-encryption key, and says in a line what it could not check', async () => {
    const installation = await usedInstallation();
    await rm(join(installation.folder, 'keys', 'key-encryption-key'));
    const { code, stdout, stderr } = await timeline(installation, '--json');
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { keys: object[] }).keys.length).toBeGreaterThan(2);
    expect(stderr).toMatch(/^Not every private part could be checked\. [^\n]*\n$/);
  });
});
