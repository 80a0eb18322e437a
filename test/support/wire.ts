/** HTTP as bytes on a socket: for what well-behaved clients do not send, and to see all that comes back. */
import { once } from 'node:events';
import { type RequestListener, createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';

export type WireReply = {
  readonly status: number;
  readonly reason: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type Headers = Readonly<Record<string, string>>;

/** One request, complete with Host; Content-Length as well, unless `headers` say how long the body is. */
export function requestText(method: string, target: string, headers: Headers = {}, body: string | Buffer = ''): Buffer {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  const isFramed = names.includes('content-length') || names.includes('transfer-encoding');
  const length = Buffer.byteLength(body);
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...(names.includes('host') ? [] : ['Host: localhost']),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(isFramed || length === 0 ? [] : [`Content-Length: ${length}`]),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body)]);
}

/** `body` as one chunk of a chunked message. */
export function chunked(body: string | Buffer): Buffer {
  const bytes = Buffer.from(body);
  const chunk = bytes.length === 0 ? [] : [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')];
  return Buffer.concat([...chunk, Buffer.from('0\r\n\r\n')]);
}

/**
 * Sends bytes as they are, and collects replies until there are `replies` of them or the server hangs up. With `end`, our
 * half of the connection is closed behind the message.
 */
export async function sendRaw(
  port: number,
  message: string | Buffer,
  { replies = 1, isHead = false, end = false } = {},
): Promise<WireReply[]> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.write(typeof message === 'string' ? Buffer.from(message, 'latin1') : message);
  if (end) socket.end();
  let received = Buffer.alloc(0);
  let found: WireReply[] = [];
  try {
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer]);
      found = parseReplies(received, isHead);
      if (found.filter(({ status }) => status >= 200).length >= replies) break;
    }
  } catch (error) {
    // A reset after the reply is how a server hangs up on bytes that it will not read.
    if (!['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    socket.destroy();
  }
  return found;
}

/**
 * A request of which only the head has come so far. Resolves once the server has begun it, which it says with a 100: bytes that
 * were only sent may lie unread, and a server that is told to end takes their connection for an idle one.
 */
export async function beginRequest(
  port: number,
  method: string,
  target: string,
  headers: Headers = {},
): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect({ port, host: '127.0.0.1' });
  let received = '';
  socket.on('data', (chunk) => (received += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  socket.write(requestText(method, target, { ...headers, Expect: '100-continue' }));
  while (!received.startsWith('HTTP/1.1 100 ')) await once(socket, 'data');
  return { socket, received: () => received };
}

/** One request, one reply. */
export async function ask(
  port: number,
  method: string,
  target: string,
  headers: Headers = {},
  body: string | Buffer = '',
): Promise<WireReply> {
  const message = requestText(method, target, headers, body);
  const reply = (await sendRaw(port, message, { isHead: method === 'HEAD' })).at(-1);
  if (reply === undefined) throw new Error(`no reply to ${method} ${target}`);
  return reply;
}

/** All replies that are complete. */
export function parseReplies(received: Buffer, isHead = false): WireReply[] {
  const found: WireReply[] = [];
  let at = 0;
  for (;;) {
    const headEnd = received.indexOf('\r\n\r\n', at);
    if (headEnd === -1) return found;
    const [statusLine = '', ...lines] = received.toString('latin1', at, headEnd).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const status = Number(statusLine.slice(9, 12));
    const hasBody = !isHead && status >= 200 && status !== 204 && status !== 304;
    const content = hasBody ? contentAt(received, headEnd + 4, headers) : { text: '', end: headEnd + 4 };
    if (content === undefined) return found;
    found.push({ status, reason: statusLine.slice(13), headers, body: content.text });
    at = content.end;
  }
}

/** Undefined when it has not come whole. */
function contentAt(received: Buffer, from: number, headers: Headers): { text: string; end: number } | undefined {
  if (headers['transfer-encoding'] !== 'chunked') {
    const end = from + Number(headers['content-length'] ?? 0);
    return end > received.length ? undefined : { text: received.toString('utf8', from, end), end };
  }
  let text = '';
  for (let at = from; ;) {
    const lineEnd = received.indexOf('\r\n', at);
    const length = parseInt(received.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + length + 2;
    if (lineEnd === -1 || end > received.length) return undefined;
    if (length === 0) return { text, end };
    text += received.toString('utf8', lineEnd + 2, end - 2);
    at = end;
  }
}

/** An app on a port of its own, limits and all as `server.ts` sets them where they matter here. */
export async function listen(app: RequestListener): Promise<{ port: number; close: () => void }> {
  const server = createServer({ requireHostHeader: false }, app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
