import { isCurrent } from '../etag.ts';

type Validators = { readonly 'Cache-Control': string; readonly ETag: string };

type ConditionalReply<Body> =
  | { readonly status: 200; readonly headers: Validators; readonly body: Body }
  | { readonly status: 304; readonly headers: Validators };

/**
 * Answers a GET of a public document that caches may keep for `maxAge` seconds: 304 to whoever holds it already
 * (RFC 9110, 13.1.2), the whole of it to anyone else.
 */
export function conditional<Body>(
  request: { readonly headers: { readonly 'If-None-Match'?: string } },
  document: { readonly etag: string; readonly maxAge: number; readonly body: Body },
): ConditionalReply<Body> {
  const { etag, maxAge, body } = document;
  const headers = { 'Cache-Control': `public, max-age=${maxAge}`, ETag: etag };
  if (isCurrent(etag, request.headers['If-None-Match'])) return { status: 304, headers };
  return { status: 200, headers, body };
}
