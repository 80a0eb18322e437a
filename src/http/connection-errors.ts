import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from './node-http.ts';
import type { SecurityHeaders } from './security-headers.ts';

const statuses: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/**
 * Answers what never became a request: a message that is not HTTP, or whose headers are too large or too slow.
 * `everyReply` are the headers that any reply has.
 */
export function connectionErrorAnswerer(everyReply: SecurityHeaders) {
  const headers = Object.entries({
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    Connection: 'close',
    ...everyReply,
  });
  const fixed = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');

  return (error: NodeJS.ErrnoException, socket: Duplex): void => {
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
    const { title, body } = problemOf(status);
    socket.end(`HTTP/1.1 ${status} ${title}\r\n${fixed}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
}

/** Answers a request that nobody reads any further, and ends its connection. */
export function answerTooManyHeaders(response: ServerResponse, everyReply: SecurityHeaders): void {
  const { body } = problemOf(431);
  response.shouldKeepAlive = false;
  const headers = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...everyReply };
  response.writeHead(431, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body);
}

function problemOf(status: number): { title: string; body: string } {
  const title = STATUS_CODES[status] ?? 'Bad Request';
  return { title, body: JSON.stringify({ type: 'about:blank', title, status, request_id: randomUUID() }) };
}
