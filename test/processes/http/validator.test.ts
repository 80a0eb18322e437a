import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { newInstallation } from '../../support/installation.ts';

const mebibyte = 1024 * 1024;
const script = fileURLToPath(new URL('../../support/content-type-load.ts', import.meta.url));

describe('the memory of the validator', () => {
  it('does not grow with Content-Types that nobody has sent before', async () => {
    const { environment } = await newInstallation();
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script], { env: environment });
    const { grown } = JSON.parse(stdout) as { grown: number };
    // Of 1,500 requests. Kept for each kind of them, the schemas would be 5 to 10 MiB.
    expect(grown).toBeLessThan(2 * mebibyte);
  });
});
