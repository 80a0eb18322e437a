import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/closing-line.ts';
import { LaneSequencer } from './test/order.ts';

/**
 * What depends on SQL runs over PostgreSQL, too: stores, limits, and what is decided under a lock. With OVER_POSTGRES=all,
 * everything that runs in process.
 */
const nearSql =
  process.env['OVER_POSTGRES'] === 'all'
    ? ['app/**/*']
    : [
        'app/{database,throttling}/**/*',
        'app/operations/{clients.privileges,accounts.authority,accounts.administrators,tokens.refresh.reuse,sessions*}',
        'app/exactness/hostile-text',
      ];

/** Four files at once suit two cores: some wait while others work. vitest wants one number for all lanes. */
const maxWorkers = 4;

/** Files share what they import, and nothing else. */
const shared = { isolate: false, maxWorkers };

/** A process for each file: what waits for long runs many tests at once, and must not be in the way of the next. */
const alone = { isolate: true, maxWorkers };

/** CONTRIBUTING.md says what belongs in which lane, order.ts in which order they run. */
function lane(name: string, include: string[], how: object, databaseKind: 'sqlite' | 'postgres' = 'sqlite') {
  // Upper bounds are for what hangs, on a busy machine, too.
  const setupFiles = ['test/support/each-test.ts'];
  const times = { testTimeout: 30_000, hookTimeout: 60_000, expect: { poll: { timeout: 20_000 } } };
  const files = include.map((path) => `test/${path}.test.ts`);
  return { test: { name, include: files, provide: { databaseKind }, setupFiles, ...times, ...how } };
}

export default defineConfig({
  test: {
    globalSetup: ['test/support/run-folder.ts', 'test/support/postgres-on-demand.ts'],
    reporters: ['default', new ClosingLine()],
    sequence: { sequencer: LaneSequencer },
    projects: [
      lane('waiting', ['waiting/**/*'], alone),
      lane('processes', ['processes/**/*'], shared),
      lane(
        'postgres',
        ['postgres/**/*', ...nearSql],
        { ...shared, exclude: ['test/app/database/sqlite/**'] },
        'postgres',
      ),
      lane('app', ['app/**/*'], shared),
      lane('unit', ['unit/**/*'], shared),
    ],
  },
});
