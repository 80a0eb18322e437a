/** What pages of other origins may do with replies (CORS: Fetch Standard, 3.2). No reply ever allows credentials. */
import type { LooseReply } from './reply-writer.ts';
import { methodsOf } from '../request/match.ts';
import { type ReplyShape, type RouteTable, allowOrigin, isForAnyOrigin } from '../route.ts';

type HeaderValues = Readonly<Record<string, string>>;

/**
 * The headers that a reply has besides its own, for a page of `origin`, the `Origin` of the request. Not for a reply that allows
 * any origin by itself.
 */
export type CrossOriginHeaders = (origin: string | undefined, requestId: () => string) => HeaderValues;

export const noHeaders: HeaderValues = Object.freeze({});

/** `origins` are allowed, each exactly as a browser sends it. */
export function createCrossOriginHeaders(
  { headers }: RouteTable['crossOrigin'],
  origins: readonly string[],
): CrossOriginHeaders {
  if (origins.length === 0) return () => noHeaders;
  const allowed = new Set(origins);
  const ofAllowed = valuesOf(headers);
  // Caches must not give what is for one page to another, nor what is for nobody to the page.
  const ofOthers = Object.freeze({ Vary: ofAllowed['Vary'] ?? 'Origin' });
  return function crossOriginHeaders(origin, requestId) {
    if (origin === undefined || !allowed.has(origin)) return ofOthers;
    return { ...ofAllowed, [allowOrigin]: origin, 'X-Request-Id': requestId() };
  };
}

/** Answers OPTIONS of a path of the contract to a page of `origin`. */
export type AnswerPreflight = (path: string, origin: string | undefined) => LooseReply;

/** A page that may do nothing at the path is told its methods, as anybody is, and no more. */
export function createPreflight(table: RouteTable, origins: readonly string[]): AnswerPreflight {
  const allowed = new Set(origins);
  const fixed = valuesOf(table.crossOrigin.preflight.replies['204']?.headers ?? {});
  const byPath = Map.groupBy(Object.values(table.operations), ({ path }) => path);
  return function answerPreflight(path, origin) {
    const routes = byPath.get(path) ?? [];
    const methods = routes.flatMap((route) => methodsOf(route, table)).join(', ');
    const headers = { Allow: `${methods}, OPTIONS` };
    const isPublic = routes.some(isForAnyOrigin);
    if (!isPublic && (origin === undefined || !allowed.has(origin))) return { status: 204, headers };
    const ofPage = { ...fixed, 'Access-Control-Allow-Methods': methods };
    return { status: 204, headers: { ...headers, ...ofPage, ...(isPublic && { [allowOrigin]: '*' }) } };
  };
}

/** Of the headers that can have one value only. */
function valuesOf(headers: ReplyShape['headers']): HeaderValues {
  const single = Object.entries(headers).flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]]));
  return Object.freeze(Object.fromEntries(single) as Record<string, string>);
}
