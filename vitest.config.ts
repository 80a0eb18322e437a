import { defineConfig } from 'vitest/config';

const times = { testTimeout: 30_000, hookTimeout: 60_000 };
const postgres = { globalSetup: ['test/support/postgres-server.ts'] };

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], ...times } },
      { test: { name: 'app', include: ['test/app/**/*.test.ts'], ...times } },
      {
        test: {
          name: 'postgres',
          include: [
            'test/app/{database,operations,throttling,clients,exactness}/**/*.test.ts',
            'test/postgres/**/*.test.ts',
          ],
          exclude: ['test/app/database/sqlite/**'],
          ...postgres,
          ...times,
        },
      },
      { test: { name: 'processes', include: ['test/processes/**/*.test.ts'], ...times } },
      {
        test: {
          name: 'waiting',
          include: ['test/waiting/**/*.test.ts'],
          exclude: ['test/waiting/postgres/**'],
          ...times,
        },
      },
      { test: { name: 'waiting-postgres', include: ['test/waiting/postgres/**/*.test.ts'], ...postgres, ...times } },
    ],
  },
});
