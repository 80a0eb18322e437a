/**
 * The pages about the contract: Redoc, from its own bundle, without a request to any other origin. Writes its own replies. The contract
 * as a file is an operation (`operations/discovery.ts`).
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Express } from 'express';
import { pageHeaders } from '../reply/security-headers.ts';

/** What is served beside the contract. */
export const docsPaths = ['/docs', '/docs/redoc.js'] as const;

/** Whatever Redoc may try, telemetry above all, the policy holds it to this origin. */
const policy = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'worker-src': ['blob:'],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** It names what it needs beside itself: only who opened it knows what the paths of this server begin with out there. */
const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Tessera</title>
    <link rel="icon" href="data:,">
    <script type="module" src="docs/redoc.js"></script>
  </head>
  <body style="margin: 0">
    <redoc spec-url="openapi.json" disable-telemetry="true"></redoc>
  </body>
</html>
`;

export function mountDocs(app: Express, issuer: string): void {
  const headers = { ...pageHeaders(issuer, policy) };
  const [pagePath, bundlePath] = docsPaths;
  // One copy for all requests: the bundle is large, and nobody has to show a token to ask for it.
  let bundle: Promise<Asset> | undefined;
  app.get(pagePath, (_request, response) => {
    response.set(headers).type('html').send(page);
  });
  app.get(bundlePath, async (_request, response) => {
    bundle ??= readBundle().catch((error: unknown) => {
      bundle = undefined;
      throw error;
    });
    const { content, etag } = await bundle;
    response
      .set({ ...headers, 'Cache-Control': 'public, max-age=3600', ETag: etag })
      .type('js')
      .send(content);
  });
}

type Asset = { readonly content: Buffer; readonly etag: string };

/** Redoc's bundle as published, but for the logo that it would fetch from its maker. */
async function readBundle(): Promise<Asset> {
  const published = await readFile(new URL(import.meta.resolve('redoc/bundles/redoc.standalone.js')), 'utf8');
  const content = Buffer.from(published.replaceAll(/https:\/\/cdn\.redoc\.ly\/[\w/.-]+\.svg/g, 'data:,'));
  return { content, etag: `"${createHash('sha256').update(content).digest('base64url')}"` };
}
