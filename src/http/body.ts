/** Reads a request body: at most 16 KiB, UTF-8, of a media type that the contract gives the operation. */
import express, { type Request, type Response } from 'express';
import { parseJson } from './json.ts';
import { Refusal } from './refusal.ts';
import type { Route } from './route.ts';
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
  if (route.mediaTypes.length === 0 || (given === undefined && mayLackBody(request, route))) return;
  const [type = '', ...parameters] = (given ?? '').split(';').map((part) => part.trim().toLowerCase());
  const charsets = parameters.filter((parameter) => /^charset\s*=/.test(parameter));
  const isUtf8 = charsets.every((parameter) => /^charset="?utf-8"?$/.test(parameter));
  if (!route.mediaTypes.includes(type) || !isUtf8) throw wrongType(route);
  request.headers['content-type'] = type;
}

function mayLackBody(request: Request, { bodyRequired }: Route): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  return !bodyRequired && length === '0' && encoding === undefined;
}

/** Reads and parses the body into `request.body`; leaves that undefined where there may be none and is none. */
export async function readBody(request: Request, response: Response, route: Route): Promise<void> {
  const type = request.headers['content-type'];
  if (type === undefined) return;
  // Refuse now; the reader would take in the whole body first.
  if (Number(request.headers['content-length']) > limit) throw tooLarge();
  try {
    await Promise.race([runMiddleware(readRaw, request, response), overflow(request)]);
  } catch (error) {
    throw refusalFor(error, route);
  }
  const text = decode(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0), route);
  request.body = type === 'application/x-www-form-urlencoded' ? parseForm(text) : parseJson(text);
}

/** Rejects as soon as a body of unknown length has become too long; the reader would first wait for its end. */
function overflow(request: Request): Promise<never> {
  let length = 0;
  return new Promise((_, reject) => {
    if (request.headers['transfer-encoding'] === undefined) return;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) reject(tooLarge());
    });
  });
}

function refusalFor(error: unknown, route: Route): unknown {
  const { type } = error as { type?: string };
  if (type === 'entity.too.large') return tooLarge();
  if (type === 'encoding.unsupported') return wrongType(route);
  if (type?.startsWith('request.') === true) return new Refusal(400, 'The body is not complete.');
  return error;
}

function tooLarge(): Refusal {
  return new Refusal(413, 'The body is larger than 16 KiB.');
}

function wrongType(route: Route): Refusal {
  return new Refusal(415, `This operation takes ${route.mediaTypes.join(' or ')} in UTF-8.`);
}

function decode(bytes: Buffer, route: Route): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw wrongType(route);
  }
}

/** Empty parameters count as absent; a repeated one is refused (RFC 6749, 3.2). */
function parseForm(text: string): Record<string, string> {
  const form = new Map<string, string>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = decodeFormPart(at === -1 ? pair : pair.slice(0, at));
    if (form.has(name)) throw new Refusal(400, 'A parameter is repeated.');
    form.set(name, at === -1 ? '' : decodeFormPart(pair.slice(at + 1)));
  }
  return Object.fromEntries([...form].filter(([, value]) => value !== ''));
}

function decodeFormPart(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll('+', ' '));
  } catch {
    throw new Refusal(400, 'The body is not form-encoded.');
  }
}
