import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startBrowser } from '../../support/browser.ts';
import { startTessera } from '../../support/tessera.ts';

describe('GET /docs, in a real browser', () => {
  it('shows the contract and asks no other origin for anything', async () => {
    const { app } = await startTessera();
    const server = createServer(app).listen(0, '127.0.0.1');
    onTestFinished(() => {
      server.close();
    });
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const origin = `http://127.0.0.1:${port}`;

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
