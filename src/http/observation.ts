/** What is told of every request: the line when it is over, the count, the span, and the id that its lines go by. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Meter } from '../telemetry/meter.ts';
import { type RequestContext, inRequest } from '../telemetry/request-context.ts';
import { parseTraceparent } from '../telemetry/trace-context.ts';
import type { RequestSpan, Tracer } from '../telemetry/tracer.ts';
import { exchangeOf, requestIdOf } from './exchange.ts';
import type { RequestLog } from './log.ts';
import { createProxyCheck } from './request/trusted-proxies.ts';

type Observers = {
  readonly log: RequestLog;
  /** Null where nobody asks for numbers. */
  readonly meter: Meter | null;
  /** Null where nobody asks for traces. */
  readonly tracer: Tracer | null;
  readonly trustedProxies: readonly string[];
};

/** `app`, with its requests observed. */
export function observed(app: RequestListener, { log, meter, tracer, trustedProxies }: Observers): RequestListener {
  const counts = meter !== null || tracer !== null;
  const isProxy = createProxyCheck(trustedProxies);

  return (request, response) => {
    const context = new ObservedRequest(request, tracer && beginSpan(request, tracer, isProxy));
    // Nobody would hear of it.
    if (counts || log.isLevelEnabled('info'))
      response.once('close', () => {
        tell(context, request, response);
      });
    inRequest(context, () => {
      app(request, response);
    });
  };

  function tell(context: ObservedRequest, request: IncomingMessage, response: ServerResponse): void {
    const milliseconds = performance.now() - context.beganAt;
    const { operationId: operation, route } = exchangeOf(request) ?? { operationId: 'none', route: undefined };
    // A client that went away before its reply was written got none.
    const status = response.writableFinished ? response.statusCode : undefined;
    meter?.requestEnded(operation, status === undefined ? 'aborted' : String(status), milliseconds / 1000);
    context.span?.end({ operation, route: route?.path, status });
    const level = isRoutine(route?.path, status) ? 'debug' : 'info';
    if (!log.isLevelEnabled(level)) return;
    const line = { operation, method: request.method, status: status ?? null, duration_ms: rounded(milliseconds) };
    // No path, since there are ids in it, and no query.
    inRequest(context, () => {
      log[level](line, 'request');
    });
  }
}

/** What orchestrators ask every second, and verifiers all the time. */
function isRoutine(path: string | undefined, status = 0): boolean {
  if (path === '/livez' || path === '/readyz') return true;
  return path?.startsWith('/.well-known/') === true && status < 400 && status !== 0;
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}

/** Looks at what came with the request when somebody asks. */
class ObservedRequest implements RequestContext {
  readonly beganAt = performance.now();
  readonly span: RequestSpan | null;
  readonly #request: IncomingMessage;

  constructor(request: IncomingMessage, span: RequestSpan | null) {
    this.#request = request;
    this.span = span;
  }

  get requestId(): string {
    return requestIdOf(this.#request);
  }

  get traceId(): string | undefined {
    return this.span?.traceId ?? parseTraceparent(traceparentOf(this.#request))?.traceId;
  }
}

function beginSpan(request: IncomingMessage, tracer: Tracer, isProxy: (address?: string) => boolean): RequestSpan {
  const { tracestate } = request.headers;
  return tracer.begin({
    method: request.method ?? '',
    scheme: (request.socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http',
    parent: parseTraceparent(traceparentOf(request)),
    isParentTrusted: isProxy(request.socket.remoteAddress),
    state: typeof tracestate === 'string' ? tracestate : undefined,
  });
}

/** One that was sent twice is joined by a comma, and so is none. */
function traceparentOf({ headers }: IncomingMessage): string | undefined {
  const { traceparent } = headers;
  return typeof traceparent === 'string' ? traceparent : undefined;
}
