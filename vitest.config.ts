import { defineConfig } from 'vitest/config';

/** Many tests race real processes; on a machine that others use, too, one may come late once, and not twice. */
const retry = process.env['CI'] === undefined ? 0 : 2;

const times = { testTimeout: 30_000, hookTimeout: 60_000, retry };

/** What runs over either database. */
const overBoth = ['test/{database,operations,throttling,clients,exactness}/**/*.test.ts'];

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'sqlite', include: ['test/**/*.test.ts'], exclude: ['test/postgres/**'], ...times } },
      {
        test: {
          name: 'postgres',
          include: [...overBoth, 'test/postgres/**/*.test.ts'],
          exclude: ['test/database/sqlite/**'],
          globalSetup: ['test/support/postgres-server.ts'],
          ...times,
        },
      },
    ],
  },
});
