/**
 * Holds replies to openapi.yaml as they come over the wire. Reads and compiles the contract by itself, so that it shares
 * nothing with the check that the server makes.
 */
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { expect } from 'vitest';
import type { WireReply } from './wire.ts';

type Node = { readonly [name: string]: unknown };

const contract = parse(readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8')) as Node;

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addFormat('password', true);
ajv.addSchema({ $id: 'openapi', ...contract });
const compiled = new Map<string, ValidateFunction>();

/** Headers of the message and of the connection, which no contract lists. */
const transport = new Set(['connection', 'keep-alive', 'date', 'content-length', 'content-type', 'transfer-encoding']);

/** Where the reply breaks the contract, one line each; none when it keeps it. */
export function findBreaches(method: string, target: string, reply: WireReply): string[] {
  const path = pathOfReply(method, target, reply.status);
  const where = `${method} ${target} ${reply.status}`;
  if (path === undefined) return [`${where} is not declared`];
  const breaches = [...headerBreaches(path, reply), ...bodyBreaches(method, path, reply)];
  return breaches.map((breach) => `${where}: ${breach}`);
}

export function expectContractKept(method: string, target: string, reply: WireReply): void {
  expect(findBreaches(method, target, reply)).toEqual([]);
}

/** Where the contract declares the status for what was asked; undefined when it does not. */
function pathOfReply(method: string, target: string, status: number): string[] | undefined {
  const paths = membersOf(contract['paths']);
  const path = templateOf(target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/\?.*$/s, ''), Object.keys(paths));
  if (path === undefined) return status === 404 ? ['x-unmatched-replies', 'problem', '404'] : undefined;
  if (method === 'OPTIONS') return isDeclaredIn(preflight, status) ? [...preflight, String(status)] : undefined;
  const item = membersOf(paths[path]);
  const implying = membersOf(contract['x-implied-methods'])[method.toLowerCase()];
  const names = [method.toLowerCase(), ...(typeof implying === 'string' ? [implying] : [])];
  const name = names.find((each) => each in item);
  if (name !== undefined) {
    const responses = ['paths', path, name, 'responses'];
    return isDeclaredIn(responses, status) ? [...responses, String(status)] : undefined;
  }
  if (status !== 405) return undefined;
  const isPublic = /^\/(\.well-known\/|openapi\.)/.test(path);
  const isOauth = ['/token', '/revoke', '/introspect'].includes(path);
  return ['x-unmatched-replies', isPublic ? 'public' : isOauth ? 'oauth' : 'problem', '405'];
}

const preflight = ['x-cross-origin', 'preflight', 'responses'];

function isDeclaredIn(responses: string[], status: number): boolean {
  return Object.hasOwn(resolve(responses).node, status);
}

/** The path of the contract that a path is, or is a case of: a parameter stands for one segment that can be decoded. */
function templateOf(path: string, templates: string[]): string | undefined {
  const segments = path.split('/');
  const fits = (template: string): boolean => {
    const parts = template.split('/');
    return parts.length === segments.length && parts.every((part, at) => fitsSegment(part, segments[at] ?? ''));
  };
  return templates.includes(path) ? path : templates.find(fits);
}

function fitsSegment(part: string, segment: string): boolean {
  if (!/^\{.*\}$/.test(part)) return part === segment;
  try {
    return decodeURIComponent(segment) !== '';
  } catch {
    return false;
  }
}

function headerBreaches(path: string[], { headers }: WireReply): string[] {
  const own = Object.keys(membersOf(resolve(path).node['headers']));
  const declaredIn = (place: string) => Object.keys(membersOf(membersOf(contract[place])['headers']));
  const ofAll = declaredIn('x-every-reply');
  const declared = [...new Set([...own, ...ofAll, ...declaredIn('x-cross-origin')])];
  const known = new Set([...transport, ...declared.map((name) => name.toLowerCase())]);
  const strangers = Object.keys(headers).filter((name) => !known.has(name));
  const breaches = strangers.map((name) => `header ${name} is not declared`);
  for (const name of declared) {
    const at = own.includes(name) ? resolve(path).path : [ofAll.includes(name) ? 'x-every-reply' : 'x-cross-origin'];
    const header = resolve([...at, 'headers', name]);
    const value = headers[name.toLowerCase()];
    if (value === undefined && header.node['required'] === true) breaches.push(`header ${name} is missing`);
    if (value !== undefined) breaches.push(...schemaBreaches([...header.path, 'schema'], value));
  }
  return breaches;
}

function bodyBreaches(method: string, path: string[], { headers, body }: WireReply): string[] {
  const at = resolve(path);
  const [type] = Object.keys(membersOf(at.node['content']));
  if (method === 'HEAD') return body === '' ? [] : ['HEAD with a body'];
  if (type === undefined) return body === '' ? [] : ['a body where none is declared'];
  if (headers['content-type'] !== type) return [`media type ${headers['content-type'] ?? 'none'}`];
  if (Number(headers['content-length']) !== Buffer.byteLength(body)) return ['Content-Length is wrong'];
  const value: unknown = type.endsWith('json') ? JSON.parse(body) : body;
  return schemaBreaches([...at.path, 'content', type, 'schema'], value);
}

function schemaBreaches(path: string[], value: unknown): string[] {
  const ref = path.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
  let validate = compiled.get(ref);
  if (validate === undefined) compiled.set(ref, (validate = ajv.compile({ $ref: `openapi#/${ref}` })));
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => `${ref} ${error.instancePath} ${error.message ?? error.keyword}`);
}

/** The node at a path of the contract, and where it really is when that is a reference. */
function resolve(path: string[]): { node: Node; path: string[] } {
  let at: unknown = contract;
  for (const part of path) at = membersOf(at)[part];
  const node = membersOf(at);
  const ref = node['$ref'];
  if (typeof ref !== 'string') return { node, path };
  const parts = ref.slice(2).split('/');
  return resolve(parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')));
}

function membersOf(node: unknown): Node {
  return typeof node === 'object' && node !== null ? (node as Node) : {};
}
