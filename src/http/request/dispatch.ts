/** The way of a request: find the operation, secure, read, validate, handle, and out by the reply writer. */
import type { Request, RequestHandler, Response } from 'express';
import type { Source } from '../../audit/event.ts';
import type { Meter } from '../../telemetry/meter.ts';
import type { Caller } from '../../tokens/caller.ts';
import type { RecordDenial } from '../../tokens/denial.ts';
import { type IdentifyBearer, isBearer } from './bearer.ts';
import { readBody, reduceContentType } from './body.ts';
import type { Handlers } from '../contract.ts';
import type { AnswerPreflight, CrossOriginHeaders } from '../reply/cross-origin.ts';
import { type Way, errorReply } from '../reply/errors.ts';
import { type Exchange, beginExchange, requestIdOf } from '../exchange.ts';
import type { WriteReply, LooseReply } from '../reply/reply-writer.ts';
import type { Log } from '../log.ts';
import { routeMatcher } from './match.ts';
import { HttpError } from '../reply/http-error.ts';
import type { RouteTable } from '../route.ts';
import type { SecurityHeaders } from '../reply/security-headers.ts';
import type { SourceOf } from './source.ts';
import type { Validator } from './validator.ts';

/** A handler as it is called here: the types have done their work by now. */
type AnyHandler = (request: object) => Promise<LooseReply> | LooseReply;

export function createDispatch(deps: {
  table: RouteTable;
  handlers: Handlers;
  validator: Validator;
  identify: IdentifyBearer;
  sourceOf: SourceOf;
  recordDenial: RecordDenial;
  writeReply: WriteReply;
  everyReply: SecurityHeaders;
  crossOrigin: CrossOriginHeaders;
  answerPreflight: AnswerPreflight;
  log: Log;
  meter: Meter;
}): RequestHandler {
  const { table, validator, identify, sourceOf, recordDenial, writeReply, crossOrigin, answerPreflight, log, meter } =
    deps;
  const match = routeMatcher(table);
  const handlers = new Map(Object.entries(deps.handlers as Record<string, AnyHandler>));

  return async (request, response) => {
    const found = match(request.method, pathOf(request));
    if ('httpError' in found) {
      const way = { family: found.family, replies: table.unmatched[found.kind] };
      refuse(hasOneHost(request) ? found.httpError : needsHost, way, request, response);
      return;
    }
    const { route, operationId } = found;
    const { replies } = route;
    const way = { family: route.errors, replies, operationId };
    try {
      if (!hasOneHost(request)) throw needsHost;
      const exchange = beginExchange(request, found);
      const reply =
        route.method === 'options'
          ? answerPreflight(route.path, request.headers.origin)
          : await serveOnRecord(exchange, request, response);
      if (writeReply(request, response, reply, replies[reply.status])) return;
      refuse(new Error('The reply breaks the contract.'), way, request, response);
    } catch (error) {
      refuse(error, way, request, response);
    }
  };

  /** Who is denied something is on record before the reply says so. */
  async function serveOnRecord(exchange: Exchange, request: Request, response: Response): Promise<LooseReply> {
    const { operationId } = exchange;
    try {
      const reply = await serve(exchange, request, response);
      if (reply.status === 403 && exchange.caller !== undefined)
        await recordDenial(exchange.caller, operationId, sourceOf(request));
      return reply;
    } catch (error) {
      const { lackingCaller: caller } = exchange;
      if (caller !== undefined) await recordDenial(caller, operationId, sourceOf(request));
      throw error;
    }
  }

  async function serve(exchange: Exchange, request: Request, response: Response): Promise<LooseReply> {
    const { route, operationId } = exchange;
    reduceContentType(request, route);
    validator.attach(exchange, request);
    await authenticate(exchange, request, response);
    if (route.mediaTypes.length > 0) await readBody(request, response, route);
    await validator.validate(exchange, request, response);

    const handle = handlers.get(operationId);
    if (handle === undefined) throw new Error(`No handler for ${operationId}.`);
    return handle(new GivenRequest(exchange, request, sourceOf));
  }

  async function authenticate(exchange: Exchange, request: Request, response: Response): Promise<void> {
    const { access, scopes } = exchange.route;
    if (access === 'bearer') await validator.secure(exchange, request, response);
    const mayBeBearer = access === 'client' && scopes.length > 0;
    if (mayBeBearer && isBearer(request.headers.authorization)) exchange.caller = await identify(request, scopes);
  }

  function refuse(error: unknown, way: Way, request: Request, response: Response): void {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    for (const stray of response.getHeaderNames()) response.removeHeader(stray);
    // The rest of a body that nobody reads must not be taken for the next request.
    if (hasBody(request) && !request.complete) response.shouldKeepAlive = false;
    const reply = errorReply(error, way, { request, log, meter });
    const sent = writeReply(request, response, reply, way.replies[reply.status]);
    if (sent) return;
    const headers = { ...deps.everyReply, ...crossOrigin(request.headers.origin, () => requestIdOf(request)) };
    response.writeHead(500, { ...headers, 'Cache-Control': 'no-store' }).end();
  }
}

const needsHost = new HttpError(400, 'A request of HTTP/1.1 needs one Host header.');

/** RFC 9112, 3.2. Several are joined by commas, which no host has. */
function hasOneHost({ httpVersion, headers }: Request): boolean {
  return httpVersion !== '1.1' || (headers.host !== undefined && /^[\w.:[\]%-]*$/.test(headers.host));
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** The path as it came over the wire, without the query, nor the authority of the absolute form (RFC 9112, 3.2.2). */
function pathOf({ url }: Request): string {
  const target = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?#]*/i, '');
  const at = target.indexOf('?');
  return at === -1 ? target : target.slice(0, at);
}

/** What a handler is given. Where the request came from is worked out for those who ask, which few do. */
class GivenRequest {
  readonly path: unknown;
  readonly query: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly authorization: string | undefined;
  readonly caller: Caller | undefined;
  readonly #request: Request;
  readonly #sourceOf: SourceOf;

  constructor({ route, caller }: Exchange, request: Request, sourceOf: SourceOf) {
    const headers: Record<string, unknown> = {};
    for (const name of route.headers) headers[name] = request.headers[name.toLowerCase()];
    this.path = request.params; // as the validator has coerced them
    this.query = request.query;
    this.headers = headers;
    this.body = request.body as unknown;
    this.authorization = route.access === 'client' ? request.headers.authorization : undefined;
    this.caller = route.access === 'public' ? undefined : caller;
    this.#request = request;
    this.#sourceOf = sourceOf;
  }

  get source(): Source {
    return this.#sourceOf(this.#request);
  }
}
