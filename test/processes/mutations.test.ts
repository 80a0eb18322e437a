/** The patches of `npm run test:mutations`, which is run by hand: what the code has moved away from is to be seen at once. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { readMutations } from '../support/mutation.ts';

const execute = promisify(execFile);
const mutations = await readMutations([]);
const files = (await readdir('test', { recursive: true })).filter((name) => name.endsWith('.test.ts'));

it.each(mutations)('$slug fits the code, and the file of its tests is there', async ({ file, tests }) => {
  await execute('git', ['apply', '--check', file]);
  expect(files.filter((name) => name.endsWith(`/${tests.path}.test.ts`))).toHaveLength(1);
});
