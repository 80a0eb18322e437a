import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { decodeProtectedHeader } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { compileCache } from '../support/compile-cache.ts';
import { newInstallation } from '../support/installation.ts';
import { finished } from '../support/process.ts';
import { copyProject } from '../support/project-copy.ts';
import { startServer } from '../support/server-process.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

async function shellBlocksUnder(heading: string): Promise<string[]> {
  const readme = await readFile(`${root}README.md`, 'utf8');
  const [, section = ''] = readme.split(`\n## ${heading}\n`);
  const [body = ''] = section.split('\n## ');
  return [...body.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block ?? '');
}

describe('the README', () => {
  it(
    'has a walk-through whose blocks work as they are written, pasted one after the other',
    { timeout: 300_000 },
    async () => {
      const installation = await newInstallation({ KEY_ALGORITHM: 'RS256' });
      await startServer(installation);
      // The walk-through writes a file where it is run.
      const { folder, remove } = await copyProject();
      onTestFinished(remove);
      const blocks = await shellBlocksUnder('Walk-through');
      expect(blocks.length).toBeGreaterThanOrEqual(6);

      // The one liberty taken: the port, since 8080 may be in use where the tests run.
      const script = blocks.join('\n').replaceAll('http://127.0.0.1:8080', installation.url);
      const shell = spawn('bash', ['-e', '-o', 'pipefail'], {
        cwd: folder,
        env: { ...compileCache, ...installation.environment },
      });
      shell.stdin.end(`${script}\necho "FIRST=$FIRST"\necho "SECOND=$SECOND"\n`);
      const { code, stdout, stderr } = await finished(shell);
      expect({ code, stderr }).toMatchObject({ code: 0 });

      const kidOf = (name: string) =>
        decodeProtectedHeader(new RegExp(`^${name}=(.+)$`, 'm').exec(stdout)?.[1] ?? '').kid;
      const [first, second] = [kidOf('FIRST'), kidOf('SECOND')];
      expect(first).not.toBe(second);
      const verified = [...stdout.matchAll(/^(\S+) says: usr_\S+ may profile:read profile:write$/gm)].map(
        ([, kid]) => kid,
      );
      expect(verified).toEqual([first, first, second]);
      expect(stdout).toMatch(new RegExp(`^${first}  retiring`, 'm'));
      expect(stdout).toMatch(new RegExp(`^${second}  active`, 'm'));
      expect(stdout).toMatch(/"username":"ada"/);
      expect(stdout).toMatch(/Password, shown this once: \S+/);
      expect(stdout).toMatch(/client_secret {2}tcs_/);
    },
  );
});
