/** The reply writer: every reply of the contract, errors included, is completed, checked and written here. */
import type { Request, Response } from 'express';
import type { Meter } from '../../telemetry/meter.ts';
import { type CrossOriginHeaders, noHeaders } from './cross-origin.ts';
import { exchangeOf, requestIdOf } from '../exchange.ts';
import type { Log } from '../log.ts';
import { STATUS_CODES } from '../node-http.ts';
import type { CheckReply, WholeReply } from './reply-check.ts';
import { type ReplyShape, allowOrigin } from '../route.ts';
import type { SecurityHeaders } from './security-headers.ts';

/** What becomes of replies that break the contract: not looked for; logged and sent; or logged and answered 500. */
export type ReplyChecks = 'off' | 'log' | 'enforce';

/** A reply as a handler or `errors.ts` gives it; the reply writer adds what the contract leaves no choice about. */
export type LooseReply = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/** Writes the reply. False when it broke the contract and was not sent. */
export type WriteReply = (
  request: Request,
  response: Response,
  reply: LooseReply,
  shape: ReplyShape | undefined,
) => boolean;

/** `everyReply` are headers that are written with each; `crossOrigin` tells those for the page that asks. */
export function createReplyWriter(deps: {
  checks: ReplyChecks;
  check: CheckReply;
  everyReply: SecurityHeaders;
  crossOrigin: CrossOriginHeaders;
  log: Pick<Log, 'error'>;
  meter: Meter;
}): WriteReply {
  const { checks, check, everyReply, crossOrigin, log, meter } = deps;
  const fixedOf = fixedHeaders(everyReply);
  // What is frozen is the same for ever, so it is written out once.
  const written = new WeakMap<object, Content>();

  return (request, response, reply, shape) => {
    const whole = withCrossOrigin(request, complete(request, reply, shape, fixedOf(shape)));
    if (checks !== 'off') {
      const faults = [...check(whole, shape), ...strayHeaders(response)];
      if (faults.length > 0) {
        const operation = exchangeOf(request)?.operationId ?? 'none';
        meter.contractBroken(operation);
        log.error(
          { request_id: requestIdOf(request), operation, status: whole.status, faults },
          'a reply breaks the contract',
        );
        if (checks === 'enforce') return false;
      }
    }
    write(response, whole, shape?.mediaType ?? null);
    return true;
  };

  function withCrossOrigin(request: Request, whole: WholeReply): WholeReply {
    if (allowOrigin in whole.headers) return whole;
    const more = crossOrigin(request.headers.origin, () => requestIdOf(request));
    return more === noHeaders ? whole : { ...whole, headers: { ...whole.headers, ...more } };
  }

  function write(response: Response, { status, headers, body }: WholeReply, mediaType: string | null): void {
    if (body === undefined || mediaType === null) {
      response.writeHead(status, headers);
      response.end();
      return;
    }
    const { text, length } = contentOf(body);
    response.writeHead(status, { ...headers, 'Content-Type': mediaType, 'Content-Length': length });
    response.end(text);
  }

  function contentOf(body: unknown): Content {
    if (typeof body !== 'object' || body === null || !Object.isFrozen(body)) return serialise(body);
    let content = written.get(body);
    if (content === undefined) written.set(body, (content = serialise(body)));
    return content;
  }
}

/** Text rather than bytes: Node.js sends a text together with the head. `length` is in bytes. */
type Content = { readonly text: string; readonly length: number };

function serialise(body: unknown): Content {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { text, length: Buffer.byteLength(text) };
}

/** Adds the headers that are fixed, and what every problem document says. */
function complete(
  request: Request,
  reply: LooseReply,
  shape: ReplyShape | undefined,
  fixed: Readonly<Record<string, string>>,
): WholeReply {
  const { status } = reply;
  const headers = reply.headers === undefined ? fixed : { ...fixed, ...reply.headers };
  if (shape?.mediaType !== 'application/problem+json') return { status, headers, body: reply.body };
  const problem = { type: 'about:blank', title: titleOf(status), status, ...(reply.body as object | undefined) };
  return { status, headers, body: { ...problem, request_id: requestIdOf(request) } };
}

/** Tells the headers of a reply that nobody chooses: those of every reply, and those that have to be there with one value. */
function fixedHeaders(everyReply: SecurityHeaders) {
  const known = new WeakMap<ReplyShape, Readonly<Record<string, string>>>();
  return (shape: ReplyShape | undefined): Readonly<Record<string, string>> => {
    if (shape === undefined) return everyReply;
    let headers = known.get(shape);
    if (headers === undefined) {
      const single = Object.entries(shape.headers).flatMap(([name, { required, value }]) =>
        !required || value === undefined ? [] : [[name, value]],
      );
      known.set(shape, (headers = Object.freeze({ ...everyReply, ...(Object.fromEntries(single) as object) })));
    }
    return headers;
  };
}

/** RFC 9110 names 413 anew; Node.js still has the name of RFC 7231. */
function titleOf(status: number): string {
  return status === 413 ? 'Content Too Large' : (STATUS_CODES[status] ?? 'Error');
}

/** Headers that something set on the response without the reply writer. */
function strayHeaders(response: Response): string[] {
  return response.getHeaderNames().map((name) => `header ${name} was set outside the reply writer`);
}
