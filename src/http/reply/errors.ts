/** Turns anything thrown while a request is served into a reply of the operation's error family. */
import type { Request } from 'express';
import type { Meter } from '../../telemetry/meter.ts';
import { Throttled } from '../../throttling/throttled.ts';
import { Unavailable } from '../../unavailable.ts';
import { requestIdOf } from '../exchange.ts';
import type { LooseReply } from './reply-writer.ts';
import type { Log } from '../log.ts';
import { type Fault, HttpError } from './http-error.ts';
import type { Route } from '../route.ts';
import { httpErrorOfValidator } from './validator-errors.ts';

/** Where a request was on its way to: the shape of its errors, and the replies that may leave. */
export type Way = {
  readonly family: Route['errors'];
  readonly replies: Route['replies'];
  readonly operationId?: string;
};

/** The causes of 5xx go to the log, under the id that the reply gives. */
export function errorReply(
  error: unknown,
  way: Way,
  { request, log, meter }: { request: Request; log: Log; meter: Meter },
): LooseReply {
  const httpError = error instanceof HttpError ? error : httpErrorOfValidator(error);
  if (httpError !== undefined) return way.family === 'oauth' ? oauthReply(httpError) : problemReply(httpError);

  const requestId = requestIdOf(request);
  const throttled = error instanceof Throttled && '429' in way.replies;
  const unavailable = error instanceof Unavailable && '503' in way.replies;
  const line = { request_id: requestId, operation: way.operationId, err: error };
  if (error instanceof Throttled) meter.throttled(error.policies);
  // Who tries too often, or again and again what cannot be had for now, must not fill the log.
  if (throttled || (unavailable && error.isExpected)) log.debug(line, 'a request was refused');
  else log.error(line, 'a request failed');
  if (throttled) return tooManyTries(error, way);
  const headers: Record<string, string> = unavailable ? { 'Retry-After': String(error.retryAfter) } : {};
  const status = unavailable ? 503 : 500;
  if (way.family === 'problem') return { status, headers, body: {} };
  const body = unavailable
    ? { error: 'temporarily_unavailable', error_description: `Request ${requestId} failed. Try again later.` }
    : { error: 'server_error', error_description: `Request ${requestId} failed.` };
  return { status, headers, body };
}

function tooManyTries({ retryAfter }: Throttled, { family }: Way): LooseReply {
  const detail = 'Too many tries. Wait before the next one.';
  const body = family === 'oauth' ? { error: 'temporarily_unavailable', error_description: detail } : { detail };
  return { status: 429, headers: { 'Retry-After': String(retryAfter) }, body };
}

function problemReply({ status, headers, detail, errors }: HttpError): LooseReply {
  return { status, headers, body: { detail, ...(errors !== undefined && { errors }) } };
}

function oauthReply({ status, headers, oauthError, detail, errors }: HttpError): LooseReply {
  const text = errors === undefined ? detail : errors.map(sentenceOf).join(' ');
  return { status, headers, body: { error: oauthError, error_description: printable(text) } };
}

/** A form is nothing but parameters, so their names alone say where: `grant_type is missing.` */
function sentenceOf({ pointer, detail }: Fault): string {
  return `${pointer.replace(/^\/body\//, '')} ${detail}.`;
}

/** The characters that RFC 6749, 5.2 allows in a description. */
function printable(text: string): string {
  return text.replaceAll('"', "'").replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, '?');
}
