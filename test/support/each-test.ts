/** Set up before every file, of those that share a worker, too. */
import { aroundEach } from 'vitest';
import { tests } from './test-end.ts';

// Vitest wants the parts that are used named here.
aroundEach((run, { task }) => tests.run(task.context, run));
