/**
 * Reads the route table out of the contract. What the server could not hold to is refused here, when the contract is
 * edited, rather than at run time.
 */
import { type ReplyShape, type Route, type RouteTable, type SecurityRequirement, accessOf } from '../src/http/route.ts';

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
type Node = { [name: string]: Json };
export type OpenApiDocument = {
  paths: Record<string, Node>;
  'x-unmatched-replies': Record<keyof RouteTable['unmatched'], Node>;
  'x-every-reply': { headers: Node };
  'x-implied-methods'?: Record<string, string>;
  'x-cross-origin': { headers: Node; preflight: Node };
} & Node;

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

export function tabulateRoutes(document: OpenApiDocument): RouteTable {
  const table: Record<string, Route> = {};
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item) as [string, Node][]) {
      if (method === 'head') throw new Error(`${path}: leave HEAD out, which GET implies`);
      if (method === 'options')
        throw new Error(`${path}: leave OPTIONS out, which x-cross-origin declares for every path`);
      if (!isMethod(method)) throw new Error(`${path}: '${method}' is not a method that can be served`);
      const id = operation['operationId'];
      if (typeof id !== 'string' || id in table || id === document['x-cross-origin'].preflight['operationId'])
        throw new Error(`${method} ${path}: operationId missing or not unique`);
      table[id] = tabulateOperation(document, `#/paths/${escapePointer(path)}/${method}`, {
        id,
        method,
        path,
        operation,
      });
    }
  }
  const { problem, oauth, public: ofPublic } = document['x-unmatched-replies'];
  return {
    operations: table,
    impliedMethods: tabulateImpliedMethods(document),
    crossOrigin: tabulateCrossOrigin(document),
    unmatched: {
      problem: tabulateReplies(document, '#/x-unmatched-replies/problem', problem),
      oauth: tabulateReplies(document, '#/x-unmatched-replies/oauth', oauth),
      public: tabulateReplies(document, '#/x-unmatched-replies/public', ofPublic),
    },
    everyReply: tabulateHeaders(document, '#/x-every-reply', document['x-every-reply']),
  };
}

/** `pointer` says where the operation stands. */
function tabulateOperation(
  document: OpenApiDocument,
  pointer: string,
  { id, method, path, operation }: Pick<Route, 'method' | 'path'> & { id: string; operation: Node },
): Route {
  const unknownQuery = operation['x-unknown-query'];
  if (unknownQuery !== undefined && unknownQuery !== 'ignored')
    throw new Error(`${id}: x-unknown-query is ignored, or left out where unknown parameters are refused`);
  const replies = tabulateReplies(document, `${pointer}/responses`, operation['responses'] as Node);
  const body = resolve(document, operation['requestBody']);
  const mediaTypes = Object.keys((body?.['content'] as Node | undefined) ?? {});
  const access = accessOfOperation(id, operation['security'] as SecurityRequirement[] | undefined);
  requireReplies(id, replies, { ...access, mediaTypes });
  return {
    method,
    path,
    errors: errorFamily(id, replies),
    ...access,
    mediaTypes,
    bodyRequired: body?.['required'] === true,
    headers: ((operation['parameters'] ?? []) as Json[])
      .map((parameter) => resolve(document, parameter) ?? {})
      .filter((parameter) => parameter['in'] === 'header')
      .map((parameter) => parameter['name'] as string),
    replies,
  };
}

function isMethod(method: string): method is (typeof methods)[number] {
  return (methods as readonly string[]).includes(method);
}

/** Only HEAD can be served by another operation: the transport leaves its content out. */
function tabulateImpliedMethods(document: OpenApiDocument): RouteTable['impliedMethods'] {
  const implied = document['x-implied-methods'] ?? {};
  const unserved = Object.entries(implied).find((pair) => pair.join() !== 'head,get');
  if (unserved !== undefined) throw new Error(`x-implied-methods: nothing serves ${unserved.join(' by ')}`);
  return 'head' in implied ? { head: 'get' } : {};
}

/** The preflight stands for OPTIONS of every path, and takes nothing but what a browser asks by. */
function tabulateCrossOrigin(document: OpenApiDocument): RouteTable['crossOrigin'] {
  const pointer = '#/x-cross-origin';
  const { headers, preflight } = document['x-cross-origin'];
  const operationId = preflight['operationId'];
  if (typeof operationId !== 'string') throw new Error('x-cross-origin: the preflight has no operationId');
  const asked = { id: operationId, method: 'options', path: '*', operation: preflight } as const;
  const route = tabulateOperation(document, `${pointer}/preflight`, asked);
  if (route.access !== 'public' || route.mediaTypes.length > 0 || route.headers.length > 0)
    throw new Error(`${operationId}: browsers send no credentials, no body and no parameters with a preflight`);
  return { headers: tabulateHeaders(document, pointer, { headers }), preflight: { operationId, ...route } };
}

function accessOfOperation(id: string, security: SecurityRequirement[] | undefined): Pick<Route, 'access' | 'scopes'> {
  if (security === undefined) throw new Error(`${id}: state the security, [] for none`);
  const access = accessOf(security);
  if (access === undefined) throw new Error(`${id}: nothing enforces this combination of security requirements`);
  return access;
}

/** The replies that the server gives by itself, before and after the handler. */
function requireReplies(
  id: string,
  replies: Record<string, ReplyShape>,
  { access, mediaTypes }: Pick<Route, 'access' | 'mediaTypes'>,
): void {
  const needed = ['400', '500'];
  if (access === 'bearer') needed.push('401', '403');
  if (access === 'client') needed.push('401');
  if (mediaTypes.length > 0) needed.push('413', '415');
  const missing = needed.filter((status) => !(status in replies));
  if (missing.length > 0) throw new Error(`${id} can answer ${missing.join(', ')}, too: declare it`);
  const unreadable = mediaTypes.filter((type) => !/^application\/(x-www-form-urlencoded|json|.+\+json)$/.test(type));
  if (unreadable.length > 0) throw new Error(`${id}: nothing reads bodies of the type ${unreadable.join(', ')}`);
}

/** OAuth operations answer errors as application/json (RFC 6749, 5.2), all others as application/problem+json. */
function errorFamily(id: string, replies: Record<string, ReplyShape>): Route['errors'] {
  const types = Object.entries(replies)
    .filter(([status]) => Number(status) >= 400)
    .map(([, reply]) => reply.mediaType);
  if (types.every((type) => type === 'application/problem+json')) return 'problem';
  if (types.every((type) => type === 'application/json')) return 'oauth';
  throw new Error(`${id}: its errors are of more than one family`);
}

/** `pointer` says where `responses` stands. */
function tabulateReplies(document: OpenApiDocument, pointer: string, responses: Node): Record<string, ReplyShape> {
  const replies: Record<string, ReplyShape> = {};
  for (const [status, response] of Object.entries(responses)) {
    const at = refOf(response) ?? `${pointer}/${status}`;
    const node = resolve(document, response) ?? {};
    const [mediaType, more] = Object.keys((node['content'] as Node | undefined) ?? {});
    if (more !== undefined) throw new Error(`${at}: a status has one media type here`);
    replies[status] = {
      mediaType: mediaType ?? null,
      schema: mediaType === undefined ? null : `${at}/content/${escapePointer(mediaType)}/schema`,
      headers: tabulateHeaders(document, at, node),
    };
  }
  return replies;
}

/** `pointer` says where the node stands whose `headers` these are. */
function tabulateHeaders(document: OpenApiDocument, pointer: string, node: Node): ReplyShape['headers'] {
  const headers = Object.entries((node['headers'] as Node | undefined) ?? {}).map(([name, header]) => {
    const at = refOf(header) ?? `${pointer}/headers/${name}`;
    const found = resolve(document, header) ?? {};
    const value = (found['schema'] as Node)['const'];
    const allowed = typeof value === 'string' ? { value } : { schema: `${at}/schema` };
    return [name, { required: found['required'] === true, ...allowed }] as const;
  });
  return Object.fromEntries(headers);
}

function refOf(node: Json | undefined): string | undefined {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return undefined;
  return typeof node['$ref'] === 'string' ? node['$ref'] : undefined;
}

function resolve(document: OpenApiDocument, node: Json | undefined): Node | undefined {
  const ref = refOf(node);
  if (ref === undefined) return node as Node | undefined;
  let target: Json = document;
  for (const part of ref.slice(2).split('/')) {
    target = (target as Node)[part.replaceAll('~1', '/').replaceAll('~0', '~')] as Json;
  }
  return target as Node;
}

function escapePointer(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}
