/** The single exit: every reply of the contract, errors included, is completed, checked and written here. */
import type { Request, Response } from 'express';
import { requestIdOf } from './exchange.ts';
import type { Log } from './log.ts';
import { STATUS_CODES } from './node-http.ts';
import type { CheckReply, WholeReply } from './reply-check.ts';
import type { ReplyShape } from './route.ts';

/** What becomes of replies that break the contract: not looked for; logged and sent; or logged and answered 500. */
export type ReplyChecks = 'off' | 'log' | 'enforce';

/** A reply as a handler or `errors.ts` gives it; the exit adds what the contract leaves no choice about. */
export type LooseReply = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/** Writes the reply. False when it broke the contract and was not sent. */
export type Exit = (request: Request, response: Response, reply: LooseReply, shape: ReplyShape | undefined) => boolean;

export function replyExit(deps: { checks: ReplyChecks; check: CheckReply; log: Pick<Log, 'error'> }): Exit {
  const { checks, check, log } = deps;
  // What is frozen is the same for ever, so it is written out once.
  const written = new WeakMap<object, Content>();

  return (request, response, reply, shape) => {
    const whole = complete(request, reply, shape);
    if (checks !== 'off') {
      const faults = [...check(whole, shape), ...strayHeaders(response)];
      if (faults.length > 0) {
        log.error({ request_id: requestIdOf(request), status: whole.status, faults }, 'a reply breaks the contract');
        if (checks === 'enforce') return false;
      }
    }
    write(response, whole, shape?.mediaType ?? null);
    return true;
  };

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

/** Adds the headers that can have one value only, and what every problem document says. */
function complete(request: Request, reply: LooseReply, shape: ReplyShape | undefined): WholeReply {
  const { status } = reply;
  const single = shape === undefined ? {} : singleValuedHeaders(shape);
  const headers = reply.headers === undefined ? single : { ...single, ...reply.headers };
  if (shape?.mediaType !== 'application/problem+json') return { status, headers, body: reply.body };
  const problem = { type: 'about:blank', title: titleOf(status), status, ...(reply.body as object | undefined) };
  return { status, headers, body: { ...problem, request_id: requestIdOf(request) } };
}

const knownHeaders = new WeakMap<ReplyShape, Readonly<Record<string, string>>>();

/** The headers of a reply that can have one value only. */
function singleValuedHeaders(shape: ReplyShape): Readonly<Record<string, string>> {
  let headers = knownHeaders.get(shape);
  if (headers === undefined) {
    const single = Object.entries(shape.headers).flatMap(([name, { value }]) =>
      value === undefined ? [] : [[name, value]],
    );
    knownHeaders.set(shape, (headers = Object.freeze(Object.fromEntries(single) as Record<string, string>)));
  }
  return headers;
}

/** RFC 9110 names 413 anew; Node.js still has the name of RFC 7231. */
function titleOf(status: number): string {
  return status === 413 ? 'Content Too Large' : (STATUS_CODES[status] ?? 'Error');
}

/** Headers that something set on the response behind the exit's back. */
function strayHeaders(response: Response): string[] {
  return response.getHeaderNames().map((name) => `header ${name} was set outside the exit`);
}
