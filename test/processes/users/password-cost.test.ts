import { expect, it } from 'vitest';
import { newInstallation } from '../../support/installation.ts';
import { query } from '../../support/installed-data.ts';
import { password } from '../../support/passwords.ts';
import { startServer } from '../../support/server-process.ts';

it('is what the settings say, at a running server', async () => {
  const installation = await newInstallation({ ARGON2_MEMORY_KIB: '20480', ARGON2_PASSES: '3', ARGON2_LANES: '2' });
  await startServer(installation);
  const body = JSON.stringify({ username: 'ada', password });
  const headers = { 'Content-Type': 'application/json' };
  expect((await fetch(`${installation.url}/users`, { method: 'POST', headers, body })).status).toBe(201);
  const [stored] = query<{ hash: string }>(installation, 'select password_hash as hash from users');
  expect(stored?.hash).toMatch(/^\$argon2id\$v=19\$m=20480,t=3,p=2\$/);
});
