import { describe, expect } from 'vitest';
import { it as base, password } from '../../support/tessera.ts';
import { type Headers, type WireReply, ask, listen, sendRaw } from '../../support/wire.ts';

const it = base
  .extend('port', { scope: 'file' }, async ({ tessera }, { onCleanup }) => {
    const { port, close } = await listen(tessera.app);
    onCleanup(close);
    return port;
  })
  .extend('token', { scope: 'file' }, async ({ tessera }) => {
    const { username } = await tessera.newUser(['admin']);
    return (await tessera.login(username)).access_token;
  });

/** A line that would be a header of its own, if anything of it reached the head of a reply. */
const injections = [
  'x\r\nInjected: yes',
  'x\nInjected: yes',
  'x\rInjected: yes',
  'x\r\n\r\n<script>Injected</script>',
  'x\u0085Injected: yes',
  'x\u2028Injected: yes',
  // What Latin-1 makes of these two is CR and LF.
  'x\u560d\u560aInjected: yes',
  'x", Injected="yes',
  'x%0d%0aInjected: yes',
];

/** Nothing of it is in the head, where a header or a challenge could come of it. */
function expectClean(reply: WireReply): void {
  expect(JSON.stringify([reply.reason, reply.headers])).not.toMatch(/injected/i);
  expect(reply.headers['content-type']).toMatch(/^application\/(problem\+)?json$/);
}

const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const json = { 'Content-Type': 'application/json' };

describe.each(injections)('%j', (text) => {
  it('as any parameter of a form reaches no header [RFC6750-3/challenge] [HOSTILE/crlf]', async ({ port }) => {
    const parameters = [
      'grant_type',
      'username',
      'password',
      'refresh_token',
      'scope',
      'resource',
      'client_id',
      'client_secret',
      'client_assertion_type',
      'client_assertion',
      'token',
      'token_type_hint',
      'realm',
      text,
    ];
    const whole: Record<string, string>[] = [
      { grant_type: 'password', username: 'ada', password },
      { grant_type: 'refresh_token', refresh_token: 'trt_x' },
      { grant_type: 'client_credentials', client_id: 'cli_x', client_secret: 'tcs_x' },
      { token: 'x' },
    ];
    for (const name of parameters) {
      for (const fields of whole) {
        const path = fields['token'] === undefined ? '/token' : '/introspect';
        const body = new URLSearchParams({ ...fields, [name]: text }).toString();
        const reply = await ask(port, 'POST', path, form, body);
        expectClean(reply);
        expect([400, 401]).toContain(reply.status);
      }
    }
  });

  it('as any member of a JSON body reaches no header [HOSTILE/crlf]', async ({ port, token }) => {
    const operations: [method: string, path: string, body: object][] = [
      ['POST', '/users', { username: text, password }],
      ['POST', '/users', { username: 'clean', password: text }],
      ['POST', '/users', { username: 'clean', password, name: `${text}\0` }],
      ['POST', '/users', { username: 'clean', password, [text]: 1 }],
      ['PATCH', '/users/me', { username: text }],
      ['PUT', '/users/me/password', { current_password: text, new_password: 'x' }],
      ['POST', '/keys/rotate', { reason: text, signer: 'nobody' }],
      ['POST', '/keys/rotate', { signer: text }],
      ['POST', '/keys/nobody/revoke', { reason: text }],
      ['POST', '/clients', { client_name: text, scope: text }],
      ['POST', '/clients', { client_name: 'x', scope: 'x', audiences: [text] }],
      ['POST', '/clients', { client_name: 'x', scope: 'x', token_endpoint_auth_method: text }],
    ];
    for (const [method, path, body] of operations) {
      const headers = { ...json, Authorization: `Bearer ${token}` };
      const reply = await ask(port, method, path, headers, JSON.stringify(body));
      expectClean(reply);
      expect(reply.status, `${method} ${path}`).toBeLessThan(500);
    }
  });

  it('in a path or a query reaches no header [HOSTILE/crlf]', async ({ port, token }) => {
    const encoded = encodeURIComponent(text);
    const headers = { Authorization: `Bearer ${token}` };
    const targets = [
      `/${encoded}`,
      `/users/${encoded}`,
      `/clients/${encoded}`,
      `/users/me/sessions/${encoded}`,
      `/users/me?${encoded}=${encoded}`,
      `/audit-events?subject=${encoded}`,
      `/audit-events?cursor=${encoded}`,
      `/users?search=${encoded}&cursor=${encoded}`,
    ];
    for (const target of targets) {
      const reply = await ask(port, 'GET', target, headers);
      expectClean(reply);
      expect([400, 404, 405], target).toContain(reply.status);
    }
    const ignored = await ask(port, 'GET', `/livez?${encoded}=${encoded}`);
    expectClean(ignored);
    expect(ignored.status).toBe(200);
  });
});

describe('a header that a client sends', () => {
  it('comes back in no reply, whatever it is called [HOSTILE/crlf]', async ({ port, token }) => {
    const sent: Headers = {
      Authorization: `Bearer ${token}`,
      'X-Request-Id': 'injected',
      'X-Correlation-Id': 'injected',
      'User-Agent': 'injected',
      Cookie: 'injected=1',
      Origin: 'https://injected.example',
      'Access-Control-Request-Headers': 'injected',
      'Access-Control-Request-Method': 'INJECTED',
      'If-None-Match': '"injected"',
      'Accept-Language': 'injected',
      Accept: 'injected/injected',
      Range: 'bytes=0-1',
      'X-Forwarded-For': 'injected',
    };
    for (const [method, path] of [
      ['GET', '/users/me'],
      ['GET', '/.well-known/jwks.json'],
      ['OPTIONS', '/.well-known/jwks.json'],
      ['GET', '/nothing'],
      ['DELETE', '/livez'],
    ] as const) {
      const reply = await ask(port, method, path, sent);
      expect(JSON.stringify(reply)).not.toMatch(/injected/i);
    }
  });

  it('is refused with a bare CR or LF in it, before anybody reads it', async ({ port }) => {
    for (const value of ['x\rInjected: yes', 'x\r\rInjected: yes', 'x\0Injected: yes']) {
      const [reply] = await sendRaw(port, `GET /livez HTTP/1.1\r\nHost: x\r\nUser-Agent: ${value}\r\n\r\n`);
      expect(reply?.status).toBe(400);
      expect(JSON.stringify(reply)).not.toContain('Injected');
    }
  });
});
