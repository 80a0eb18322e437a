/** The contract for people: Redoc, from its own bundle, with no request to any other origin. */
import { fileURLToPath } from 'node:url';
import type { Express, Response } from 'express';

/** What is served beside the contract. */
export const docsPaths = ['/docs', '/docs/redoc.js'] as const;

const bundle = fileURLToPath(import.meta.resolve('redoc/bundles/redoc.standalone.js'));

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Tessera</title>
    <link rel="icon" href="data:,">
    <script type="module" src="/docs/redoc.js"></script>
  </head>
  <body style="margin: 0">
    <redoc spec-url="/openapi.json" disable-telemetry="true"></redoc>
  </body>
</html>
`;

/** Redoc phones home and loads a logo unless told not to; the policy holds it to this origin whatever it is told. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function mountDocs(app: Express): void {
  const [pagePath, bundlePath] = docsPaths;
  app.get(pagePath, (_request, response) => {
    protect(response).type('html').send(page);
  });
  app.get(bundlePath, (_request, response) => {
    protect(response).sendFile(bundle, { maxAge: '1h' });
  });
}

function protect(response: Response): Response {
  return response.set({
    'Content-Security-Policy': policy,
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
}
