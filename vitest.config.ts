import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/closing-line.ts';
import { LaneSequencer } from './test/order.ts';

/**
 * What depends on SQL runs over PostgreSQL, too: stores, limits, migrations, and what is decided under a lock. With
 * OVER_POSTGRES=all, everything that runs in process.
 */
const nearSql =
  process.env['OVER_POSTGRES'] === 'all'
    ? ['app/**/*', 'processes/database/{migrate,move}']
    : [
        'app/{database,keys,throttling}/**/*',
        'processes/database/{migrate,move}',
        'app/operations/{clients.{credentials,privileges},accounts.authority,accounts.administrators}',
        'app/operations/{tokens.refresh.{reuse,repeats},users.password,sessions*,audit-events.odd-rows}',
        'app/exactness/hostile-text',
      ];

/** Four files at once suit two cores: some wait while others work. vitest wants one number for all lanes. */
const maxWorkers = 4;

/** A worker runs many files, one after another. They share its process and its modules. */
const shared = { isolate: false, maxWorkers };

/** A fresh process for each file: a test that waits may leave timers and connections that the next file must not meet. */
const alone = { isolate: true, maxWorkers };

/** CONTRIBUTING.md says what belongs in which lane, order.ts in which order they run. */
function lane(name: string, include: string[], how: object, databaseKind: 'sqlite' | 'postgres' = 'sqlite') {
  const setupFiles = ['test/support/each-test.ts'];
  // Upper bounds are for what hangs, on a busy machine, too.
  const times = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 20_000 } } };
  const files = include.map((path) => `test/${path}.test.ts`);
  return { test: { name, include: files, provide: { databaseKind }, setupFiles, ...times, ...how } };
}

export default defineConfig({
  test: {
    // Torn down in reverse: PostgreSQL ends before its folder goes.
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
