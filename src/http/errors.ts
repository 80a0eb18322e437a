/** Turns anything thrown while a request is served into a reply of the operation's error family. */
import type { Request } from 'express';
import { Unavailable } from '../unavailable.ts';
import { type Exchange, requestIdOf } from './exchange.ts';
import type { LooseReply } from './exit.ts';
import type { Log } from './log.ts';
import { Refusal } from './refusal.ts';
import { refusalOfValidator } from './validator-errors.ts';

/** The causes of 5xx go to the log, under the id that the reply gives. */
export function errorReply(
  error: unknown,
  deps: { request: Request; exchange: Exchange | undefined; family: 'problem' | 'oauth'; log: Log },
): LooseReply {
  const { request, exchange, family, log } = deps;
  const cause = exchange?.denial ?? error;
  const refusal = cause instanceof Refusal ? cause : refusalOfValidator(cause, exchange);
  if (refusal !== undefined) return family === 'oauth' ? oauthRefusal(refusal) : problemRefusal(refusal);

  const requestId = requestIdOf(request);
  log.error({ request_id: requestId, operation: exchange?.operationId, err: cause }, 'a request failed');
  const unavailable = cause instanceof Unavailable && exchange !== undefined && '503' in exchange.replies;
  const headers = unavailable ? { 'Retry-After': String(cause.retryAfter) } : {};
  const status = unavailable ? 503 : 500;
  if (family === 'problem') return { status, headers, body: {} };
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
