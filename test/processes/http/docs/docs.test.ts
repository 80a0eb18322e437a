import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startBrowser } from '../../../support/browser.ts';
import { startTessera } from '../../../support/tessera.ts';
import { listen } from '../../../support/wire.ts';

/** Where Tessera is served, by an issuer that a browser on this machine may use without TLS. `way` changes targets on their way. */
async function serveTessera(
  environment: Record<string, string> = {},
  way = (target: string) => target,
): Promise<string> {
  const { app } = await startTessera({ ISSUER: 'http://127.0.0.1:8080', ...environment });
  const server = createServer((request, response) => {
    request.url = way(request.url ?? '');
    app(request, response);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
  });
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return `http://127.0.0.1:${port}`;
}

describe('GET /docs, in a real browser', () => {
  it('shows the contract and asks no other origin for anything', async () => {
    const origin = await serveTessera();
    const page = await (await startBrowser()).newPage();
    const asked: string[] = [];
    const refused: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) refused.push(message.text());
    });
    await page.goto(`${origin}/docs`);
    await page.getByRole('heading', { name: 'The first token' }).waitFor();
    for (const summary of ['Tokens', 'Users', 'Discovery', 'Health']) {
      await expect(page.getByText(summary, { exact: true }).first().textContent()).resolves.toBe(summary);
    }

    const elsewhere = asked.filter((url) => !url.startsWith(origin) && !/^(data|blob):/.test(url));
    expect(elsewhere).toEqual([]);
    expect(asked).toContain(`${origin}/openapi.json`);
    expect(refused).toEqual([]);
  });
});

describe('the docs of an issuer with a path, in a real browser', () => {
  const ISSUER = 'http://127.0.0.1:8080/auth';
  it.each([
    ['takes it off', { ISSUER }, (target: string) => target.slice('/auth'.length)],
    ['leaves it on', { ISSUER, BASE_PATH: '/auth' }, (target: string) => target],
  ])('show the contract behind a proxy that %s', async (_, environment, way) => {
    // What comes without the path is for other servers at the host.
    const origin = await serveTessera(environment, (target) =>
      target.startsWith('/auth/') ? way(target) : '/nothing',
    );
    const page = await (await startBrowser()).newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${origin}/auth/docs`);
    await page.getByRole('heading', { name: 'The first token' }).waitFor();
    expect(asked.filter((url) => !/^(data|blob):/.test(url))).toEqual([
      `${origin}/auth/docs`,
      `${origin}/auth/docs/redoc.js`,
      `${origin}/auth/openapi.json`,
    ]);
  });
});

/** What a page of another origin may try. */
const otherPage = `<!doctype html>
<title>Other</title>
<script>
  const ask = (url, mode) => fetch(url, { mode }).then(({ type }) => type, () => 'refused');
  const frame = (src) => void document.body.append(Object.assign(document.createElement('iframe'), { src }));
  let opened;
  const openWindow = (url) => void (opened = window.open(url));
</script>
<body></body>`;

describe('a page of another origin, in a real browser', () => {
  it('reads the key set by CORS, and can neither frame nor embed anything, nor reach a window with the docs', async () => {
    const origin = await serveTessera();
    const other = await listen((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end(otherPage);
    });
    onTestFinished(other.close);
    const page = await (await startBrowser()).newPage();
    await page.goto(`http://127.0.0.1:${other.port}/`);
    const call = (name: string, ...args: string[]) =>
      page.evaluate<unknown>(`${name}(${args.map((arg) => JSON.stringify(arg)).join()})`);

    for (const path of ['/.well-known/jwks.json', '/.well-known/oauth-authorization-server', '/openapi.json'])
      expect([path, await call('ask', origin + path, 'cors')]).toEqual([path, 'cors']);
    for (const path of ['/livez', '/users/me', '/.well-known/jwks.json', '/docs/redoc.js', '/nothing'])
      expect([path, await call('ask', origin + path, 'no-cors')]).toEqual([path, 'refused']);

    for (const path of ['/docs', '/livez', '/nothing']) {
      const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
      await call('frame', origin + path);
      await refused;
    }

    const popup = page.waitForEvent('popup');
    await call('openWindow', `${origin}/docs`);
    const docs = await popup;
    await docs.getByRole('heading', { name: 'The first token' }).waitFor();
    expect(await docs.evaluate<unknown>('window.opener')).toBe(null);
    expect(await page.evaluate<unknown>('opened.closed')).toBe(true);
  });
});
