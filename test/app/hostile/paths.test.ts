import { describe, expect } from 'vitest';
import { expectContractKept } from '../../support/contract-check.ts';
import { it as base } from '../../support/tessera.ts';
import { ask, listen } from '../../support/wire.ts';

const it = base
  .extend('port', { scope: 'file' }, async ({ tessera }, { onCleanup }) => {
    const { port, close } = await listen(tessera.app);
    onCleanup(close);
    return port;
  })
  .extend('admin', { scope: 'file' }, async ({ tessera }) => {
    const { id, username } = await tessera.newUser(['admin']);
    return { id, token: (await tessera.login(username)).access_token };
  });

/** How a segment of a path might be made to mean another one; `S` stands for the segment. */
const disguises = [
  '%2e',
  '%2e%2e',
  '..',
  '.',
  'S/.',
  './S',
  'x/../S',
  'x/%2e%2e/S',
  'x%2f..%2fS',
  '..%2f..%2fS',
  '%2fS',
  'S%2f',
  'S/',
  '/S',
  'S%00',
  'S%0d%0a',
  'S%20',
  'S;v=1',
  'S%3bv=1',
  'S\\',
  'S%5c..',
  '..\\S',
  'S%23',
  'S%3f',
  'S,S',
  'S%',
  'S%ff',
  '%53',
  '%25S',
  '{S}',
  '*',
];

describe('a path with a parameter in disguise', () => {
  it.for(disguises)(
    'finds nobody, and never another operation: %s [HOSTILE/paths]',
    async (disguise, { port, admin }) => {
      const headers = { Authorization: `Bearer ${admin.token}` };
      const segment = disguise.replaceAll('S', admin.id);
      const targets: [method: string, target: string][] = [
        ['GET', `/users/${segment}`],
        ['GET', `/users/${segment}/sessions`],
        ['GET', `/clients/${disguise.replaceAll('S', 'cli_AAAAAAAAAAAAAAAAAAAAAA')}`],
        ['DELETE', `/users/me/sessions/${disguise.replaceAll('S', '00000000-0000-4000-8000-000000000000')}`],
        ['POST', `/keys/${disguise.replaceAll('S', 'unknown')}/revoke`],
      ];
      for (const [method, target] of targets) {
        const reply = await ask(port, method, target, headers);
        expectContractKept(method, target, reply);
        expect([400, 404], `${method} ${target}`).toContain(reply.status);
      }
      expect((await ask(port, 'GET', `/users/${admin.id}`, headers)).status).toBe(200);
    },
  );
});

describe('a path that leads around the security of another', () => {
  it('is never answered but with 404, or 401 where it is that path [HOSTILE/paths]', async ({ port }) => {
    const around = [
      '/livez/../users/me',
      '/livez/..;/users/me',
      '/livez%2f..%2fusers%2fme',
      '/.well-known/../users/me',
      '//users/me',
      '///users/me',
      '/users/me/',
      '/users/me//',
      '/users/me/%2e',
      '/users/me/%2e%2e/me',
      '/users/me.json',
      '/users/me%23',
      '/users/me;',
      '/users/me/.',
      '/./users/me',
      '/users/./me',
      '/docs/../users/me',
      '/docs/%2e%2e/users/me',
      '\\users\\me',
      '/users\\me',
      '//evil.example/users/me',
      '/http://localhost/users/me',
      '/USERS/ME',
    ];
    for (const target of around) {
      const reply = await ask(port, 'GET', target);
      expect([400, 401, 404], target).toContain(reply.status);
      expect(reply.body).not.toContain('username');
    }
    for (const target of ['http://localhost/users/me', 'http://evil.example//users/me', 'http:///users/me']) {
      const reply = await ask(port, 'GET', target);
      expect([401, 404], target).toContain(reply.status);
    }
  });
});
