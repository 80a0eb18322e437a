/**
 * A setup file, which Vitest runs again for every file. A hook in `test-end.ts` would be set for the first file of a shared
 * worker alone, since modules are loaded once.
 */
import { aroundEach } from 'vitest';
import { tests } from './test-end.ts';

// Vitest wants the parts that are used named here.
aroundEach((run, { task }) => tests.run(task.context, run));
