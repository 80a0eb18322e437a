import { expect } from 'vitest';
import { routes } from '../../../src/generated/routes.ts';
import { findBreaches } from '../../support/contract-check.ts';
import fc, { cases } from '../../support/property.ts';
import { it } from '../../support/tessera.ts';
import { type WireReply, listen, requestText, sendRaw } from '../../support/wire.ts';

const reads = Object.values(routes.operations)
  .filter(({ method }) => method === 'get')
  .map(({ path }): string => path);

const query = fc.constantFrom('', '?', '?limit=1', '?limit=x', '?cursor=x', '?verbose', '?v=1', '?a[b]=%ff&a[b]=1');
const tag = fc.constantFrom('', '*', '"x"', 'x'.repeat(2000));
const credentials = fc.constantFrom('admin', 'user', 'Bearer x', 'Basic eDp4', '');

/** What a client goes by; the moment apart, which is that of the reply. */
function headOf({ status, headers }: WireReply) {
  return { status, headers: { ...headers, date: '' } };
}

it('HEAD is answered as GET is, wherever there is GET, but for the content (RFC 9110, 9.1)', async ({
  tessera,
  onTestFinished,
}) => {
  const { port, close } = await listen(tessera.app);
  onTestFinished(close);
  const admin = await tessera.newUser(['admin']);
  const user = await tessera.newUser();
  const client = await tessera.addClient('orders:read');
  const bearers: Readonly<Record<string, string>> = {
    admin: `Bearer ${(await tessera.login(admin.username)).access_token}`,
    user: `Bearer ${(await tessera.login(user.username)).access_token}`,
  };
  /** By the parameter of a path: something that is there, something that is not, and what cannot be. */
  const ids: Readonly<Record<string, string[]>> = {
    userId: [user.id, 'usr_AAAAAAAAAAAAAAAAAAAAAA', 'x'],
    clientId: [client.client_id, 'cli_AAAAAAAAAAAAAAAAAAAAAA', 'x'],
  };
  const target = fc
    .tuple(fc.constantFrom(...reads), fc.nat(2), query)
    .map(([path, which, text]) => path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name]?.[which] ?? 'x') + text);
  const seen = new Set<number>();

  await fc.assert(
    fc.asyncProperty(target, credentials, tag, async (path, who, ifNoneMatch) => {
      const authorization = bearers[who] ?? who;
      const headers = {
        ...(authorization !== '' && { Authorization: authorization }),
        ...(ifNoneMatch !== '' && { 'If-None-Match': ifNoneMatch }),
      };
      const [get] = await sendRaw(port, requestText('GET', path, headers));
      // What follows on the same connection would come out of step with any content.
      const messages = [requestText('HEAD', path, headers), requestText('HEAD', '/livez')];
      const [head, next] = await sendRaw(port, Buffer.concat(messages), { isHead: true, replies: 2 });
      if (get === undefined || head === undefined) throw new Error('no reply');
      seen.add(get.status);
      expect(headOf(head)).toEqual(headOf(get));
      expect(findBreaches('HEAD', path, head)).toEqual([]);
      expect(next?.status).toBe(200);
    }),
    { numRuns: cases(300) },
  );

  expect([...seen].sort()).toEqual([200, 304, 400, 401, 403, 404]);
});

it('HEAD is told by Allow wherever there is GET, and nowhere else', async ({ tessera, onTestFinished }) => {
  const { port, close } = await listen(tessera.app);
  onTestFinished(close);
  for (const path of new Set(Object.values(routes.operations).map((route) => route.path))) {
    const [reply] = await sendRaw(port, requestText('PURGE', path.replaceAll(/\{\w+\}/g, 'x')));
    const allowed = reply?.headers['allow']?.split(', ') ?? [];
    expect({ path, has: allowed.includes('HEAD') }).toEqual({ path, has: reads.includes(path) });
  }
});
