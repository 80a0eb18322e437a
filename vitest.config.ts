import { defineConfig } from 'vitest/config';

const times = { testTimeout: 30_000, hookTimeout: 30_000 };

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
