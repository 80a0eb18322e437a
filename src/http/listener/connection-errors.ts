import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type CrossOriginHeaders, noHeaders } from '../reply/cross-origin.ts';
import { STATUS_CODES } from '../node-http.ts';
import type { SecurityHeaders } from '../reply/security-headers.ts';

const common = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' };

const statuses: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** As node:http reports it, with the packet that it could not read, where there is one. */
type ConnectionError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer };

/**
 * Answers what never became a request: a message that is not HTTP, or whose headers are too large or too slow.
 * `everyReply` are the headers that any reply has; `crossOrigin` tells those for the page that asks.
 */
export function connectionErrorAnswerer(
  everyReply: SecurityHeaders,
  crossOrigin: CrossOriginHeaders = () => noHeaders,
) {
  const fixed = { ...common, Connection: 'close', ...everyReply };

  return (error: ConnectionError, socket: Duplex): void => {
    // Who does not speak TLS, where that is spoken, would not understand the answer.
    if (!socket.writable || error.code === 'ECONNRESET' || /^ERR_(SSL|TLS)_/.test(error.code ?? '')) {
      socket.destroy();
      return;
    }
    // What is broken may lie behind a request that is whole and not answered yet: the reply on the wire must be the one to that.
    const pending = (socket as { _httpMessage?: ServerResponse | null })._httpMessage;
    if (pending?.req.complete === true) {
      pending.shouldKeepAlive = false;
      return;
    }
    const status = statuses[error.code ?? ''] ?? 400;
    const { title, body, requestId } = problemOf(status);
    const origin = pending ? pending.req.headers.origin : originIn(error.rawPacket);
    const headers = { ...fixed, ...crossOrigin(origin, () => requestId), 'Content-Length': Buffer.byteLength(body) };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${status} ${title}\r\n${lines.join('')}\r\n${body}`);
  };
}

/** Answers a request that nobody reads any further, and ends its connection. */
export function answerTooManyHeaders(
  request: IncomingMessage,
  response: ServerResponse,
  { everyReply, crossOrigin }: { everyReply: SecurityHeaders; crossOrigin: CrossOriginHeaders },
): void {
  const { body, requestId } = problemOf(431);
  response.shouldKeepAlive = false;
  const headers = { ...common, ...everyReply, ...crossOrigin(request.headers.origin, () => requestId) };
  response.writeHead(431, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body);
}

/**
 * The `Origin` of a message whose head nobody could parse, if it is in its last packet, which is all that there is of it. Not
 * of one that broke off behind its head: its body may say whatever it likes.
 */
function originIn(packet: Buffer | undefined): string | undefined {
  return /^origin:[ \t]*(\S+)[ \t]*\r?$/im.exec(packet?.toString('latin1') ?? '')?.[1];
}

function problemOf(status: number): { title: string; body: string; requestId: string } {
  const title = STATUS_CODES[status] ?? 'Bad Request';
  const requestId = randomUUID();
  return { title, requestId, body: JSON.stringify({ type: 'about:blank', title, status, request_id: requestId }) };
}
