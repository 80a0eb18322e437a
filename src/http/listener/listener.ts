/**
 * Sockets: where the server listens, how connections begin and end, TLS, and the port for operators. Answers by itself what cannot be
 * parsed. Leaves every other request to `request/`.
 */
import { randomBytes } from 'node:crypto';
import type { RequestListener, ServerResponse } from 'node:http';
import { bind } from './bind.ts';
import { answerTooManyHeaders, connectionErrorAnswerer } from './connection-errors.ts';
import { type CrossOriginHeaders, noHeaders } from '../reply/cross-origin.ts';
import { type ConnectionLog, type Connections, trackConnections } from './connections.ts';
import { closeGently, createSecureServer, createServer } from '../node-http.ts';
import { apiHeaders } from '../reply/security-headers.ts';
import type { TlsPair } from './tls-pair.ts';

/** Times in milliseconds, sizes in bytes. A client that is slower or sends more is cut off. */
export const limits = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  keepAliveTimeout: 65_000,
  /** Of TLS: to come to an end. */
  handshakeTimeout: 10_000,
  /** After which the key of session tickets is replaced: by it, TLS 1.2 that was recorded before could be read. */
  ticketKeyLifetime: 3_600_000,
  /** A connection on which nothing moves, such as one whose other end does not read, is closed. */
  idleTimeout: 30_000,
  /** For a reply to be taken, however much moves: a megabyte at the pace of a bad telephone line. */
  replyTimeout: 300_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
  /** Node.js by itself would leave out those beyond some number, without a word. */
  maxHeaders: 100,
  // A request without Host, or with a header twice, reaches `request/dispatch.ts`, which refuses it in the contract's shape.
  requireHostHeader: false,
  joinDuplicateHeaders: true,
};

/** Milliseconds between two looks at what has become idle while the server drains. */
const lookEvery = 50;

export type Listener = {
  readonly connections: Connections['count'];
  /** From now on each reply asks its client to come back on another connection. */
  letGo(): void;
  /**
   * Refuses new connections and resolves when every connection has closed: busy ones after their reply, idle ones when
   * `linger` seconds have passed, in which a request that is on its way is still answered. After `grace` seconds those that
   * are left are cut, and `onCut` is told.
   */
  drain(times: { grace: number; linger: number }, onCut: () => void): Promise<void>;
  /** New connections get this certificate; those that are open keep theirs. */
  useTlsPair(pair: TlsPair): void;
};

export type ListenerSettings = {
  readonly host: string;
  readonly port: number;
  readonly issuer: string;
  readonly maxConnections: number;
};

export type ListenerDependencies = {
  readonly log: ConnectionLog;
  /** Without it, no page of another origin reads what the listener answers by itself. */
  readonly crossOrigin?: CrossOriginHeaders;
  readonly tls?: TlsPair | undefined;
  readonly limits?: typeof limits;
};

/** Listens, by TLS where a pair for that is given; rejects with `UnusableAddress`. */
export async function listen(
  app: RequestListener,
  { issuer, maxConnections, ...address }: ListenerSettings,
  deps: ListenerDependencies,
): Promise<Listener> {
  const { log, tls, crossOrigin = () => noHeaders, limits: given = limits } = deps;
  const everyReply = apiHeaders(issuer);
  /** With when each began, the oldest first. */
  const inFlight = new Map<ServerResponse, number>();
  let isLettingGo = false;
  const handle: RequestListener = (request, response) => {
    connections.heardFrom(request.socket);
    if (isLettingGo) response.shouldKeepAlive = false;
    inFlight.set(response, performance.now());
    response.once('close', () => inFlight.delete(response));
    if (request.rawHeaders.length > 2 * given.maxHeaders) {
      answerTooManyHeaders(request, response, { everyReply, crossOrigin });
      return;
    }
    // Express has an error page of its own for a target that it cannot parse; there is nothing at such a path.
    if (!isParsable(request.url ?? '')) request.url = '/*';
    app(request, response);
  };

  const server =
    tls === undefined ? createServer(given, handle) : createSecureServer({ ...given, ...secure(tls) }, handle);
  server.setTimeout(given.idleTimeout);
  server.on('clientError', connectionErrorAnswerer(everyReply, crossOrigin));
  server.on('checkExpectation', handle);
  const connections = trackConnections(server, maxConnections, log);
  const sweep = setInterval(() => {
    const begunBy = performance.now() - given.replyTimeout;
    for (const [response, at] of inFlight) {
      if (at > begunBy) break;
      response.destroy();
    }
  }, given.connectionsCheckingInterval);
  sweep.unref();
  const renewal = setInterval(() => {
    if ('setTicketKeys' in server) server.setTicketKeys(randomBytes(48));
  }, given.ticketKeyLifetime);
  renewal.unref();
  await bind(server, address, { host: 'HOST', port: 'PORT' });
  return { connections: connections.count, letGo, drain, useTlsPair };

  function useTlsPair(pair: TlsPair): void {
    if ('setSecureContext' in server) server.setSecureContext(secure(pair));
  }

  function letGo(): void {
    isLettingGo = true;
    for (const response of inFlight.keys()) response.shouldKeepAlive = false;
  }

  async function drain({ grace, linger }: { grace: number; linger: number }, onCut: () => void): Promise<void> {
    letGo();
    const closed = new Promise<void>((resolve) => {
      closeGently(server, resolve);
    });
    const idleFrom = performance.now() + linger * 1000;
    const closeIdle = setInterval(() => {
      if (performance.now() < idleFrom) return;
      server.closeIdleConnections();
      connections.closeSilent();
    }, lookEvery);
    const giveUp = setTimeout(() => {
      onCut();
      connections.cutAll();
    }, grace * 1000);
    await closed;
    for (const timer of [closeIdle, giveUp, sweep, renewal]) clearInterval(timer);
  }
}

/**
 * All suites of TLS 1.3, and of TLS 1.2 those with forward secrecy and AEAD (RFC 9325, 4.2). Without those of 1.3 named, Node.js
 * would not speak it.
 */
const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE+AESGCM',
  'ECDHE+CHACHA20',
].join(':');

function secure({ cert, key }: TlsPair) {
  return { cert, key, minVersion: 'TLSv1.2', ciphers } as const;
}

function isParsable(target: string): boolean {
  return target.startsWith('/') || target === '*' || URL.canParse(target);
}
