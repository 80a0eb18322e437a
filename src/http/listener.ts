import type { RequestListener, Server, ServerResponse } from 'node:http';
import type { Express } from 'express';
import { answerConnectionError } from './connection-errors.ts';
import { createServer } from './node-http.ts';

/** Times in milliseconds, the size in bytes. A client that is slower or sends more is cut off. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
  // A request without Host, or with a header twice, reaches `mount`, which refuses it in the contract's shape.
  requireHostHeader: false,
  joinDuplicateHeaders: true,
};

/** In milliseconds: a connection on which nothing moves, such as one whose other end does not read, is closed. */
const idleTimeout = 30_000;

export type Listener = {
  /**
   * Refuses new connections and resolves when every connection has closed: the idle ones at once, the others after their
   * reply. After `grace` seconds those that are left are cut, and `onCut` is told.
   */
  drain(grace: number, onCut: () => void): Promise<void>;
};

/** Listens; rejects when the address cannot be had. */
export async function listen(app: Express, address: { host: string; port: number }): Promise<Listener> {
  const inFlight = new Set<ServerResponse>();
  let isDraining = false;
  const handle: RequestListener = (request, response) => {
    // Express has an error page of its own for a target that it cannot parse; there is nothing at such a path.
    if (!isParsable(request.url ?? '')) request.url = '/*';
    if (isDraining) response.shouldKeepAlive = false;
    inFlight.add(response);
    response.once('close', () => inFlight.delete(response));
    app(request, response);
  };

  const server = createServer(limits, handle);
  server.setTimeout(idleTimeout);
  server.on('clientError', answerConnectionError);
  server.on('checkExpectation', handle);
  await bind(server, address);
  return { drain };

  async function drain(grace: number, onCut: () => void): Promise<void> {
    isDraining = true;
    for (const response of inFlight) response.shouldKeepAlive = false;
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    const closeIdle = setInterval(() => {
      server.closeIdleConnections();
    }, 50);
    const giveUp = setTimeout(() => {
      onCut();
      server.closeAllConnections();
    }, grace * 1000);
    await closed;
    clearInterval(closeIdle);
    clearTimeout(giveUp);
  }
}

function bind(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function isParsable(target: string): boolean {
  return target.startsWith('/') || target === '*' || URL.canParse(target);
}
