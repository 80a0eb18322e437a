/** Swagger UI as somebody else serves it, with the contract as Tessera serves it. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { startBrowser } from '../../../support/browser.ts';
import { freePort } from '../../../support/free-port.ts';
import { password } from '../../../support/passwords.ts';
import { startTessera } from '../../../support/tessera.ts';
import { listen } from '../../../support/wire.ts';

/** A site of its own with Swagger UI in it, for the contract at this URL. */
async function serveSwaggerUi(contract: string): Promise<string> {
  const bundle = await readFile(new URL(import.meta.resolve('swagger-ui-dist/swagger-ui-bundle.js')));
  const options = JSON.stringify({ url: contract, dom_id: '#swagger-ui', validatorUrl: null });
  const page = `<!doctype html>
<title>Swagger UI</title>
<link rel="icon" href="data:,">
<div id="swagger-ui"></div>
<script src="/bundle.js"></script>
<script>SwaggerUIBundle(${options})</script>`;
  const site = await listen((request, response) => {
    const isBundle = request.url === '/bundle.js';
    response.writeHead(200, { 'Content-Type': isBundle ? 'text/javascript; charset=utf-8' : 'text/html' });
    response.end(isBundle ? bundle : page);
  });
  onTestFinished(site.close);
  return `http://127.0.0.1:${site.port}`;
}

/** A Tessera that listens where its issuer says, since that is where the contract sends the page. */
async function serveTessera(issuer: string, site: string): Promise<void> {
  const tessera = await startTessera({ ISSUER: issuer, CORS_ORIGINS: site });
  await tessera.addUser('ada');
  const server = createServer(tessera.app).listen(Number(new URL(issuer).port), '127.0.0.1');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
}

it("signs in by Swagger UI's own form on another origin, with no client filled in, and calls the API", async () => {
  const issuer = `http://127.0.0.1:${await freePort()}`;
  const site = await serveSwaggerUi(`${issuer}/openapi.json`);
  await serveTessera(issuer, site);
  const page = await (await startBrowser()).newPage();
  const sent: { url: string; authorization: string | undefined }[] = [];
  page.on('request', (request) => {
    if (request.method() !== 'POST') return;
    sent.push({ url: request.url(), authorization: request.headers()['authorization'] });
  });
  await page.goto(site);
  await page.locator('.scheme-container button.authorize').click();
  const form = page.locator('.auth-container', { has: page.locator('#oauth_username') });
  await form.locator('#oauth_username').fill('ada');
  await form.locator('#oauth_password').fill(password);
  await form.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click();
  // The form has no fields any more.
  await page.getByRole('button', { name: 'Remove authorization' }).first().waitFor();
  expect(sent).toEqual([{ url: `${issuer}/token`, authorization: 'Basic Og==' }]);

  await page.getByRole('button', { name: 'Close' }).first().click();
  const operation = page.locator('#operations-Users-getCurrentUser');
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.getByRole('button', { name: 'Execute' }).click();
  const reply = operation.locator('.live-responses-table .response').first();
  await reply.getByText('"username"').waitFor();
  expect(await reply.locator('.response-col_status').textContent()).toMatch(/^200/);
});
