/** A collector that understands as much of OTLP (opentelemetry/proto/trace/v1/trace.proto) as a test looks at. */
import { once } from 'node:events';
import { type IncomingHttpHeaders, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export type CollectedSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: number;
  /** 2 is an error. */
  readonly status: number;
  readonly attributes: Readonly<Record<string, string | number>>;
};

type Field = { readonly number: number; readonly value: bigint | Buffer };

/** The fields of one message, in order (protobuf.dev/programming-guides/encoding). */
function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => bytes.subarray(at, (at += length));
  while (at < bytes.length) {
    const key = Number(varint());
    const [number, type] = [key >> 3, key & 7];
    if (type === 0) fields.push({ number, value: varint() });
    else if (type === 2) fields.push({ number, value: take(Number(varint())) });
    else if (type === 1 || type === 5) fields.push({ number, value: take(type === 1 ? 8 : 4) });
    else throw new Error(`Wire type ${type} is not expected.`);
  }
  return fields;
}

function messages(bytes: Buffer, number: number): Buffer[] {
  return fieldsOf(bytes).flatMap((field) =>
    field.number === number && Buffer.isBuffer(field.value) ? [field.value] : [],
  );
}

function numberIn(bytes: Buffer, number: number): number {
  const found = fieldsOf(bytes).find((field) => field.number === number)?.value;
  return typeof found === 'bigint' ? Number(found) : 0;
}

function attributesIn(bytes: Buffer, number: number): Record<string, string | number> {
  return Object.fromEntries(
    messages(bytes, number).map((pair) => {
      const [value = Buffer.alloc(0)] = messages(pair, 2);
      return [String(messages(pair, 1)[0]), messages(value, 1)[0]?.toString() ?? numberIn(value, 3)];
    }),
  );
}

function spanOf(bytes: Buffer): CollectedSpan {
  const hex = (number: number) => messages(bytes, number)[0]?.toString('hex') ?? '';
  return {
    traceId: hex(1),
    spanId: hex(2),
    parentSpanId: hex(4),
    traceState: messages(bytes, 3)[0]?.toString() ?? '',
    name: messages(bytes, 5)[0]?.toString() ?? '',
    kind: numberIn(bytes, 6),
    status: numberIn(messages(bytes, 15)[0] ?? Buffer.alloc(0), 3),
    attributes: attributesIn(bytes, 9),
  };
}

export type Collector = {
  readonly url: string;
  readonly spans: CollectedSpan[];
  readonly resources: Record<string, string | number>[];
  readonly requests: {
    readonly url: string | undefined;
    readonly headers: IncomingHttpHeaders;
    readonly body: Buffer;
  }[];
  readonly close: () => void;
};

/** `status` is what it answers. */
export async function startCollector(status = 200): Promise<Collector> {
  const collector: Omit<Collector, 'url' | 'close'> = { spans: [], resources: [], requests: [] };
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      collector.requests.push({ url: request.url, headers: request.headers, body });
      for (const resourceSpans of messages(body, 1)) {
        for (const resource of messages(resourceSpans, 1)) collector.resources.push(attributesIn(resource, 1));
        for (const scope of messages(resourceSpans, 2)) collector.spans.push(...messages(scope, 2).map(spanOf));
      }
      response.writeHead(status, { 'Content-Type': 'application/x-protobuf' }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ...collector,
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
