/**
 * Reads the route table out of the contract. What the server could not hold to is refused here, when the contract is
 * edited, rather than at run time.
 */
import type { ReplyShape, Route, RouteTable } from '../src/http/route.ts';

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
type Node = { [name: string]: Json };
export type OpenApiDocument = { paths: Record<string, Node>; 'x-unmatched-replies': Record<string, Node> } & Node;

const methods = ['get', 'head', 'options', 'post', 'put', 'patch', 'delete'] as const;

export function tabulateRoutes(document: OpenApiDocument): RouteTable {
  const table: Record<string, Route> = {};
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item) as [string, Node][]) {
      if (!isMethod(method)) throw new Error(`${path}: '${method}' is not a method that can be served`);
      const id = operation['operationId'];
      if (typeof id !== 'string' || id in table)
        throw new Error(`${method} ${path}: operationId missing or not unique`);
      const pointer = `#/paths/${escapePointer(path)}/${method}`;
      const replies = tabulateReplies(document, pointer, operation['responses'] as Node);
      if (!('400' in replies && '500' in replies)) throw new Error(`${id}: any operation can answer 400 and 500`);
      table[id] = {
        method,
        path,
        ...(method === 'head' && { headOf: getOperationOf(path, item) }),
        errors: errorFamily(id, replies, method),
        ...tabulateAccess(id, operation['security'] as Record<string, string[]>[] | undefined),
        mediaTypes: Object.keys((resolve(document, operation['requestBody'])?.['content'] as Node | undefined) ?? {}),
        headers: ((operation['parameters'] ?? []) as Json[])
          .map((parameter) => resolve(document, parameter) ?? {})
          .filter((parameter) => parameter['in'] === 'header')
          .map((parameter) => parameter['name'] as string),
        replies,
      };
    }
  }
  return {
    operations: table,
    unmatched: tabulateReplies(document, '#/x-unmatched-replies', document['x-unmatched-replies']),
  };
}

function isMethod(method: string): method is (typeof methods)[number] {
  return (methods as readonly string[]).includes(method);
}

function getOperationOf(path: string, item: Node): string {
  const get = item['get'] as Node | undefined;
  if (get === undefined) throw new Error(`${path}: HEAD without GET`);
  return get['operationId'] as string;
}

/**
 * Public, for the bearer of an access token, or for a client. Clients are authenticated by the operation itself (RFC 6749
 * lets them use the body, too), and so its security says `{}` as well: nobody shall take the validator to do it.
 */
function tabulateAccess(
  id: string,
  security: Record<string, string[]>[] | undefined,
): Pick<Route, 'access' | 'scopes'> {
  if (security === undefined) throw new Error(`${id}: state the security, [] for none`);
  if (security.length === 0) return { access: 'public', scopes: [] };
  const [only] = security;
  if (security.length === 1 && only && Object.keys(only).join() === 'bearerAuth') {
    return { access: 'bearer', scopes: only['bearerAuth'] ?? [] };
  }
  const names = security.map((requirement) => Object.keys(requirement).join('+'));
  if (names.includes('clientBasic') && names.includes('')) return { access: 'client', scopes: [] };
  throw new Error(`${id}: this combination of security requirements cannot be enforced`);
}

/** OAuth operations answer errors as application/json (RFC 6749, 5.2), all others as application/problem+json. */
function errorFamily(id: string, replies: Record<string, ReplyShape>, method: string): Route['errors'] {
  const types = Object.entries(replies)
    .filter(([status]) => Number(status) >= 400)
    .map(([, reply]) => reply.mediaType);
  if (method === 'head') return 'problem';
  if (types.every((type) => type === 'application/problem+json')) return 'problem';
  if (types.every((type) => type === 'application/json')) return 'oauth';
  throw new Error(`${id}: its errors are of more than one family`);
}

function tabulateReplies(document: OpenApiDocument, pointer: string, responses: Node): Record<string, ReplyShape> {
  const replies: Record<string, ReplyShape> = {};
  for (const [status, response] of Object.entries(responses)) {
    const at = refOf(response) ?? `${pointer}${pointer.endsWith('replies') ? '' : '/responses'}/${status}`;
    const node = resolve(document, response) ?? {};
    const [mediaType, more] = Object.keys((node['content'] as Node | undefined) ?? {});
    if (more !== undefined) throw new Error(`${at}: one media type for each status, please`);
    replies[status] = {
      mediaType: mediaType ?? null,
      schema: mediaType === undefined ? null : `${at}/content/${escapePointer(mediaType)}/schema`,
      headers: Object.fromEntries(
        Object.entries((node['headers'] as Node | undefined) ?? {}).map(([name, header]) => {
          const headerAt = refOf(header) ?? `${at}/headers/${name}`;
          const found = resolve(document, header) ?? {};
          const value = (found['schema'] as Node)['const'];
          return [
            name,
            {
              required: found['required'] === true,
              ...(typeof value === 'string' ? { value } : { schema: `${headerAt}/schema` }),
            },
          ];
        }),
      ),
    };
  }
  return replies;
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
