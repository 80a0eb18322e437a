import { describe, expect, it } from 'vitest';
import { expectContractKept } from '../../support/contract-check.ts';
import { sharedServer } from '../../support/server-process.ts';
import { type WireReply, ask, chunked, requestText, sendRaw } from '../../support/wire.ts';

const server = sharedServer();
const mebibyte = 1024 * 1024;
const token = `eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9.${'A'.repeat(mebibyte)}.AAAA`;
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };

/** Who goes on sending to a server that has hung up may lose the reply to the reset: then it is asked again. */
async function first(message: Buffer, tries = 5): Promise<WireReply> {
  const [reply, ...more] = await sendRaw(server.port, message, { replies: 2 });
  if (reply === undefined && tries > 1) return first(message, tries - 1);
  if (reply === undefined) throw new Error('no reply');
  expect(more).toEqual([]);
  expect(reply.headers['connection']).toBe('close');
  return reply;
}

describe('a token of 1 MiB', () => {
  it.each(['Bearer', 'Basic', 'DPoP', ''])(
    'in the header is 431, whatever the scheme: "%s" [HOSTILE/huge-token]',
    async (scheme) => {
      const reply = await first(requestText('GET', '/users/me', { Authorization: `${scheme} ${token}` }));
      expect(reply.status).toBe(431);
      expect(JSON.parse(reply.body)).toMatchObject({ type: 'about:blank', status: 431 });
    },
  );

  it.each([
    ['/introspect', 'token'],
    ['/revoke', 'token'],
    ['/token', 'refresh_token'],
    ['/token', 'client_assertion'],
    ['/token', 'client_secret'],
    ['/token', 'password'],
  ])(
    'in the body of %s, as %s, is 413 before it has come whole, in chunks as well [HOSTILE/huge-token]',
    async (path, name) => {
      const start = `${name}=${token}`;
      const claimed = { ...form, 'Content-Length': String(2 * start.length) };
      const unending = Buffer.from(chunked(start).toString('latin1').replace('0\r\n\r\n', ''));
      for (const [headers, body] of [
        [claimed, start],
        [{ ...form, 'Transfer-Encoding': 'chunked' }, unending],
      ] as const) {
        const reply = await first(requestText('POST', path, headers, body));
        expectContractKept('POST', path, reply);
        expect(reply.status).toBe(413);
        expect(JSON.parse(reply.body)).toMatchObject({ error: 'invalid_request' });
      }
    },
  );

  it('in a path or a query is 431', async () => {
    for (const target of [`/keys/${token}/revoke`, `/users/me?access_token=${token}`])
      expect((await first(requestText('GET', target))).status).toBe(431);
  });

  it('brings nothing down when a hundred of them come at once, nor keeps others from being answered [HOSTILE/huge-token]', async () => {
    const message = requestText('POST', '/introspect', form, `token=${token}`);
    const replies = Promise.all(Array.from({ length: 100 }, () => first(message)));
    expect((await ask(server.port, 'GET', '/livez')).status).toBe(200);
    for (const { status } of await replies) expect(status).toBe(413);
    expect((await ask(server.port, 'GET', '/readyz')).status).toBe(200);
    expect(server.printed.stderr).toBe('');
  });
});
