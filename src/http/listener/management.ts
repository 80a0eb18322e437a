/** The listener for operators, apart from the one for everybody: metrics, and the probes once more. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { bind } from './bind.ts';
import { createServer } from '../node-http.ts';

/** Times in milliseconds, the size in bytes. Who asks here is a program of the operator, and asks for little. */
const limits = {
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8 * 1024,
};
const idleTimeout = 30_000;
const mostConnections = 100;

export type ManagementPages = {
  /** In Prometheus' text format. */
  metrics(): Promise<string>;
  isReady(): Promise<boolean>;
};

export type ManagementListener = { close(): Promise<void> };

/** Listens; rejects with `UnusableAddress`. `onFault` is told why a page could not be made. */
export async function listenForManagement(
  address: { host: string; port: number },
  pages: ManagementPages,
  onFault: (error: unknown) => void,
): Promise<ManagementListener> {
  const handle: RequestListener = (request, response) => {
    void answer(request, pages)
      .catch((error: unknown) => {
        onFault(error);
        return text(500, 'It failed.\n');
      })
      .then((reply) => {
        write(response, request.method === 'HEAD', reply);
      });
  };
  const server = createServer(limits, handle);
  server.maxConnections = mostConnections;
  server.setTimeout(idleTimeout);
  await bind(server, { ...address, exclusive: true }, { host: 'MANAGEMENT_HOST', port: 'MANAGEMENT_PORT' });
  server.on('error', () => undefined);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

type Page = { readonly status: number; readonly type: string; readonly body: string; readonly allow?: string };

async function answer({ method, url = '' }: IncomingMessage, pages: ManagementPages): Promise<Page> {
  const makers: Readonly<Record<string, () => Promise<Page>>> = {
    '/metrics': async () => ({
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: await pages.metrics(),
    }),
    '/livez': async () => text(200, 'live\n'),
    '/readyz': async () => ((await pages.isReady()) ? text(200, 'ready\n') : text(503, 'not ready\n')),
  };
  const path = url.split('?', 1)[0] ?? '';
  const make = Object.hasOwn(makers, path) ? makers[path] : undefined;
  if (make === undefined) return text(404, 'There is nothing at this path.\n');
  if (method !== 'GET' && method !== 'HEAD') return { ...text(405, 'This can only be read.\n'), allow: 'GET, HEAD' };
  return make();
}

function text(status: number, body: string): Page {
  return { status, type: 'text/plain; charset=utf-8', body };
}

function write(response: ServerResponse, isHead: boolean, { status, type, body, allow }: Page): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(allow !== undefined && { Allow: allow }),
  });
  response.end(isHead ? undefined : body);
}
