import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/closing-line.ts';
import { LaneSequencer } from './test/order.ts';

/** What depends on SQL runs over PostgreSQL, too; with LANES=all, everything that runs in process. */
const nearSql = process.env['LANES'] === 'all' ? ['test/app/**'] : ['test/app/database/**'];

/** Two at once, one for each core of the least machine. Files share what they import, and nothing else. */
const inProcess = { isolate: false, maxWorkers: 3 };

/** Each file in a process of its own, since it may change that. */
const ownProcess = { isolate: true, maxWorkers: 3 };

/** Hardly any work: many at once, and first, beside the checks. */
const mostlyAsleep = { isolate: true, maxWorkers: 3 };

/** One for each lane, in the order in which they run. CONTRIBUTING.md says what belongs where. */
function lane(name: string, include: string[], how: object, databaseKind: 'sqlite' | 'postgres' = 'sqlite') {
  const times = { testTimeout: 30_000, hookTimeout: 60_000 };
  return {
    test: {
      name,
      include: include.map((folder) => `${folder}/*.test.ts`),
      provide: { databaseKind },
      ...times,
      ...how,
    },
  };
}

export default defineConfig({
  test: {
    globalSetup: ['test/support/postgres-on-demand.ts'],
    reporters: ['default', new ClosingLine()],
    sequence: { sequencer: LaneSequencer },
    projects: [
      lane('waiting', ['test/waiting/**'], mostlyAsleep),
      lane('processes', ['test/processes/**'], ownProcess),
      lane(
        'postgres',
        ['test/postgres/**', ...nearSql],
        { ...inProcess, exclude: ['test/app/database/sqlite/**'] },
        'postgres',
      ),
      lane('app', ['test/app/**'], inProcess),
      lane('unit', ['test/unit/**'], inProcess),
    ],
  },
});
