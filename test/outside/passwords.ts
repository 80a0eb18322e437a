/** Hashes of passwords, read by another program: an installation can be left, too. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { type Check, expectSuccess, run } from './check.ts';
import { password } from '../support/passwords.ts';
import { withServers } from './server.ts';

const program = 'import argon2, sys; argon2.PasswordHasher().verify(sys.argv[1], sys.argv[2])';

export const passwordCheck: Check = {
  name: 'argon2-cffi verifies a password by the hash in the database, and refuses another one',
  needs: 'python3',
  probe: ['-c', 'import argon2'],
  run: (python) =>
    withServers(1, async ({ servers, folder }) => {
      const reply = await fetch(`${servers[0]?.url ?? ''}/users`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ username: 'ada', password }),
      });
      assert.equal(reply.status, 201);
      const database = new DatabaseSync(`${folder}/tessera.db`, { readOnly: true });
      const { hash } = database.prepare('select password_hash as hash from users').get() as { hash: string };
      database.close();
      await expectSuccess(python, ['-c', program, hash, password]);
      const { code, stderr } = await run(python, ['-c', program, hash, `${password}!`]);
      assert.match(stderr, /VerifyMismatchError/);
      assert.equal(code, 1);
    }),
};
