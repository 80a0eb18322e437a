/** Run in a process of its own: begins to bring the database (argument 1) up to date, and stops half-way, for a minute. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type How, migrations } from '../../../src/database/migrations/migrate.ts';
import { openPatiently } from './open-patiently.ts';

const [last = ''] = Object.keys(migrations).slice(-1);
const { up } = migrations[last] as (typeof migrations)[string];
Object.assign(migrations, {
  [last]: {
    up: async (db: Parameters<typeof up>[0], how: How) => {
      await up(db, how);
      process.stdout.write('half-way\n');
      await sleep(60_000);
    },
  },
});
await openPatiently(process.argv[2] ?? '');
