/** Reads a request body: at most 16 KiB, UTF-8, of a media type that the contract gives the operation. */
import express, { type Request, type Response } from 'express';
import { parseJson } from './json.ts';
import { HttpError } from '../reply/http-error.ts';
import type { Route } from '../route.ts';
import { runMiddleware } from './run-middleware.ts';

const limit = 16 * 1024;
const readRaw = express.raw({ type: () => true, limit, inflate: false });

/**
 * Reduces Content-Type to the contract's own spelling, which is all that the validator ever sees: it keeps one compiled
 * schema for each distinct header it meets, so any other would let anonymous requests grow the heap without bound.
 */
export function reduceContentType(request: Request, route: Route): void {
  const given = request.headers['content-type'];
  delete request.headers['content-type'];
  if (route.mediaTypes.length === 0 || (!route.bodyRequired && hasNoContent(request))) return;
  const [type = '', ...parameters] = (given ?? '').split(';').map((part) => part.trim().toLowerCase());
  // Many write utf8, which is a label of nothing else (Encoding Standard, 4.2).
  const charsets = parameters.filter((parameter) => /^charset\s*=/.test(parameter));
  const isUtf8 = charsets.every((parameter) => /^charset="?utf-?8"?$/.test(parameter));
  if (route.mediaTypes.includes(type) && isUtf8) request.headers['content-type'] = type;
  // In chunks there may be nothing, which is of no type: only reading tells.
  else if (route.bodyRequired || !isChunked(request)) throw wrongType(route);
}

/** Whether the head says already that nothing follows (RFC 9112, 6.3). */
function hasNoContent(request: Request): boolean {
  return Number(request.headers['content-length'] ?? '0') === 0 && !isChunked(request);
}

function isChunked({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined;
}

/**
 * Reads and parses the body into `request.body`. Where there may be none, no content is none, whatever its type was said to
 * be: clients name the type that they send elsewhere. `request.body` and Content-Type are undefined then.
 */
export async function readBody(request: Request, response: Response, route: Route): Promise<void> {
  const type = request.headers['content-type'];
  if (type === undefined && !isChunked(request)) return;
  // Refuse now; the reader would take in the whole body first.
  if (Number(request.headers['content-length']) > limit) throw tooLarge();
  try {
    const overflow = type === undefined ? contentBeyond(0, request, wrongType(route)) : contentBeyond(limit, request);
    await Promise.race([overflow, runMiddleware(readRaw, request, response)]);
  } catch (error) {
    throw httpErrorFor(error, route);
  }
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (bytes.length === 0 && !route.bodyRequired) {
    request.body = undefined;
    delete request.headers['content-type'];
    return;
  }
  if (type === undefined) throw wrongType(route);
  const text = decode(bytes, route);
  request.body = type === 'application/x-www-form-urlencoded' ? parseForm(text, route) : parseJson(text);
}

/** Rejects as soon as a body of unknown length has more than `most` bytes; the reader would first wait for its end. */
function contentBeyond(most: number, request: Request, httpError = tooLarge()): Promise<never> {
  let length = 0;
  return new Promise((_, reject) => {
    if (!isChunked(request)) return;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > most) reject(httpError);
    });
  });
}

function httpErrorFor(error: unknown, route: Route): unknown {
  const { type } = error as { type?: string };
  if (type === 'entity.too.large') return tooLarge();
  if (type === 'encoding.unsupported') return wrongType(route);
  if (type?.startsWith('request.') === true) return new HttpError(400, 'The body is not complete.');
  return error;
}

function tooLarge(): HttpError {
  return new HttpError(413, 'The body is larger than 16 KiB.');
}

function wrongType(route: Route): HttpError {
  return new HttpError(415, `This operation takes ${route.mediaTypes.join(' or ')} in UTF-8.`);
}

function decode(bytes: Buffer, route: Route): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw wrongType(route);
  }
}

/** Empty parameters count as absent; a repeated one is refused (RFC 6749, 3.2). */
function parseForm(text: string, route: Route): Record<string, string> {
  const form = new Map<string, string>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = decodeFormPart(at === -1 ? pair : pair.slice(0, at));
    if (form.has(name)) throw repeated(name, route);
    form.set(name, at === -1 ? '' : decodeFormPart(pair.slice(at + 1)));
  }
  return Object.fromEntries([...form].filter(([, value]) => value !== ''));
}

/** `resource` may come several times, and a server that issues no token for several says so (RFC 8707, 2). */
function repeated(name: string, { path }: Route): HttpError {
  if (name === 'resource' && path === '/token')
    return new HttpError(400, 'A token is for one resource.', { oauthError: 'invalid_target' });
  return new HttpError(400, 'A parameter is repeated.');
}

function decodeFormPart(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll('+', ' '));
  } catch {
    throw new HttpError(400, 'The body is not form-encoded.');
  }
}
