/** Turns anything thrown while a request is served into a reply of the operation's error family. */
import type { Request } from 'express';
import { Unavailable } from '../unavailable.ts';
import { requestIdOf } from './exchange.ts';
import type { LooseReply } from './exit.ts';
import type { Log } from './log.ts';
import { Refusal } from './refusal.ts';
import type { Route } from './route.ts';
import { refusalOfValidator } from './validator-errors.ts';

/** Where a request was on its way to: the shape of its errors, and the replies that may leave. */
export type Way = {
  readonly family: Route['errors'];
  readonly replies: Route['replies'];
  readonly operationId?: string;
};

/** The causes of 5xx go to the log, under the id that the reply gives. */
export function errorReply(error: unknown, way: Way, { request, log }: { request: Request; log: Log }): LooseReply {
  const refusal = error instanceof Refusal ? error : refusalOfValidator(error);
  if (refusal !== undefined) return way.family === 'oauth' ? oauthRefusal(refusal) : problemRefusal(refusal);

  const requestId = requestIdOf(request);
  log.error({ request_id: requestId, operation: way.operationId, err: error }, 'a request failed');
  const unavailable = error instanceof Unavailable && '503' in way.replies;
  const headers: Record<string, string> = unavailable ? { 'Retry-After': String(error.retryAfter) } : {};
  const status = unavailable ? 503 : 500;
  if (way.family === 'problem') return { status, headers, body: {} };
  const body = unavailable
    ? { error: 'temporarily_unavailable', error_description: `Request ${requestId} failed. Try again later.` }
    : { error: 'server_error', error_description: `Request ${requestId} failed.` };
  return { status, headers, body };
}

function problemRefusal({ status, headers, detail, errors }: Refusal): LooseReply {
  return { status, headers, body: { detail, ...(errors !== undefined && { errors }) } };
}

function oauthRefusal({ status, headers, oauthError, detail, errors }: Refusal): LooseReply {
  const text = errors === undefined ? detail : errors.map((fault) => `${fault.pointer} ${fault.detail}.`).join(' ');
  return { status, headers, body: { error: oauthError, error_description: printable(text) } };
}

/** The characters that RFC 6749, 5.2 allows in a description. */
function printable(text: string): string {
  return text.replaceAll('"', "'").replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, '?');
}
