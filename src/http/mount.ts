/** The way of a request: find the operation, secure, read, validate, handle, and out by the one exit. */
import type { Request, RequestHandler, Response } from 'express';
import { readBody, reduceContentType } from './body.ts';
import type { Handlers } from './contract.ts';
import { errorReply } from './errors.ts';
import { type Exchange, beginExchange } from './exchange.ts';
import type { Exit, LooseReply } from './exit.ts';
import type { Log } from './log.ts';
import { UnknownMethod, routeMatcher } from './match.ts';
import { Refusal } from './refusal.ts';
import type { RouteTable } from './route.ts';
import type { Validator } from './validator.ts';

/** A handler as `mount` calls it: the types have done their work by now. */
type AnyHandler = (request: object) => Promise<LooseReply> | LooseReply;

export function mountOperations(deps: {
  table: RouteTable;
  handlers: Handlers;
  validator: Validator;
  exit: Exit;
  log: Log;
}): RequestHandler {
  const { table, validator, exit, log } = deps;
  const match = routeMatcher(table.operations);
  const handlers = new Map(Object.entries(deps.handlers as Record<string, AnyHandler>));

  return async (request, response) => {
    let exchange: Exchange | undefined;
    try {
      exchange = beginExchange(request, begin(request));
      const reply = await serve(exchange, request, response);
      if (exit(request, response, reply, exchange.replies[reply.status])) return;
      refuseWith(new Error('The reply breaks the contract.'), exchange, request, response);
    } catch (error) {
      refuseWith(error, exchange, request, response);
    }
  };

  function begin(request: Request): Exchange {
    // RFC 9112, 3.2. Several are joined by commas, which no host has.
    if (request.httpVersion === '1.1' && !/^[\w.:[\]%-]*$/.test(request.headers.host ?? ' ')) {
      throw new Refusal(400, 'A request of HTTP/1.1 needs one Host header.');
    }
    const found = match(request.method, pathOf(request));
    const { headOf } = found.route;
    return { ...found, replies: (headOf === undefined ? found.route : table.operations[headOf])?.replies ?? {} };
  }

  async function serve(exchange: Exchange, request: Request, response: Response): Promise<LooseReply> {
    const { route, operationId } = exchange;
    reduceContentType(request, route);
    await validator.secure(exchange, request, response);
    delete exchange.denial;
    if (route.mediaTypes.length > 0) await readBody(request, response, route);
    await validator.validate(request, response);

    const handle = handlers.get(route.headOf ?? operationId);
    if (handle === undefined) throw new Error(`No handler for ${operationId}.`);
    return handle(requestFor(exchange, request));
  }

  function refuseWith(error: unknown, exchange: Exchange | undefined, request: Request, response: Response): void {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    for (const stray of response.getHeaderNames()) response.removeHeader(stray);
    const family = exchange?.route.errors ?? (error instanceof UnknownMethod ? error.family : 'problem');
    const reply = errorReply(error, { request, exchange, family, log });
    const shapes = exchange?.replies ?? table.unmatched;
    const shape = shapes[exchange === undefined && family === 'oauth' ? `${reply.status}-oauth` : reply.status];
    if (!exit(request, response, reply, shape)) response.writeHead(500, { 'Cache-Control': 'no-store' }).end();
  }
}

/** The path as it came over the wire, without the query, nor the authority of the absolute form (RFC 9112, 3.2.2). */
function pathOf({ url }: Request): string {
  const target = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?#]*/i, '');
  const at = target.indexOf('?');
  return at === -1 ? target : target.slice(0, at);
}

function requestFor(exchange: Exchange, request: Request): object {
  const { route, parameters, caller } = exchange;
  const headers: Record<string, unknown> = {};
  for (const name of route.headers) headers[name] = request.headers[name.toLowerCase()];
  return {
    path: parameters,
    query: request.query,
    headers,
    body: request.body as unknown,
    ...(route.access === 'bearer' && { caller }),
    ...(route.access === 'client' && { authorization: request.headers.authorization }),
  };
}
