import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { getAuthorizationServerMetadata } from '../../src/operations/discovery.ts';
import { allScopes } from '../../src/tokens/scope.ts';
import { textsOfCode } from '../support/texts-of-code.ts';

type Node = { [name: string]: unknown };
type MediaType = { schema: Node; examples?: Record<string, Node> };
type Operation = Node & { summary: string; description: string; security: unknown; responses: Record<string, Node> };

const root = fileURLToPath(new URL('../../', import.meta.url));
const document = parse(await readFile(`${root}openapi.yaml`, 'utf8')) as Node & {
  paths: Record<string, Record<string, Operation>>;
};
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]): [string, Operation] => [
    `${method.toUpperCase()} ${path}`,
    operation,
  ]),
);

const ajv = new Ajv2020({ strict: false, validateSchema: false });
addFormats.default(ajv);
ajv.addFormat('password', true);
ajv.addSchema({ ...document, $id: 'contract' });

function resolve(node: unknown): Node {
  const { $ref } = node as { $ref?: string };
  if ($ref === undefined) return node as Node;
  const target = $ref
    .slice(2)
    .split('/')
    .reduce<unknown>((at, part) => (at as Node)[part], document);
  return resolve(target);
}

/** Every media type in the document, with a pointer to it: those of requests, of replies, and of unmatched replies. */
function mediaTypesIn(node: unknown, pointer = '#'): [string, MediaType][] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, member]) => {
    const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (name !== 'content' || pointer.endsWith('/properties')) return mediaTypesIn(member, at);
    return Object.entries(member as Record<string, MediaType>).map(([type, media]): [string, MediaType] => [
      `${at}/${type.replaceAll('/', '~1')}`,
      media,
    ]);
  });
}

const mediaTypes = mediaTypesIn(document);

type Found = { readonly at: string; readonly schema: Node };

/** Every schema in a request that lets a string through, those of members that are not named included. */
function stringsIn(value: unknown, at: string, above: readonly unknown[] = []): Found[] {
  const schema = resolve(value);
  if (above.includes(schema)) return [];
  const within = [...above, schema];
  const { type, properties, items, additionalProperties, allOf, anyOf, oneOf } = schema as {
    [name: string]: unknown;
    properties?: Node;
    allOf?: unknown[];
    anyOf?: unknown[];
    oneOf?: unknown[];
  };
  const parts = [...(allOf ?? []), ...(anyOf ?? []), ...(oneOf ?? [])];
  const mayBeString = type === undefined ? parts.length === 0 : [type].flat().includes('string');
  return [
    ...(mayBeString ? [{ at, schema }] : []),
    ...parts.flatMap((part) => stringsIn(part, at, within)),
    ...Object.entries(properties ?? {}).flatMap(([name, member]) => stringsIn(member, `${at}/${name}`, within)),
    ...(items === undefined ? [] : stringsIn(items, `${at}/*`, within)),
    ...(additionalProperties === true ? [{ at: `${at}/?`, schema: {} }] : []),
    ...(typeof additionalProperties === 'object' ? stringsIn(additionalProperties, `${at}/?`, within) : []),
  ];
}

/** A list of values says by itself how long they are. */
function isBounded({ maxLength, enum: values, const: value }: Node): boolean {
  return typeof maxLength === 'number' || Array.isArray(values) || typeof value === 'string';
}

/** What an error says in words: of itself, and of each fault. */
function wordsOf(error: unknown): string[] {
  const {
    status,
    detail,
    errors,
    error_description: description,
  } = error as {
    [name: string]: unknown;
    errors?: { detail: string }[];
  };
  const isProblem = typeof status === 'number' && typeof detail === 'string';
  const faults = isProblem ? (errors ?? []).map((fault) => fault.detail) : [];
  return [...(isProblem ? [detail] : []), ...faults, ...(typeof description === 'string' ? [description] : [])];
}

describe('openapi.yaml', () => {
  it.each(operations)(
    'describes %s: summary, description, security, and what it answers when all goes wrong',
    (_, operation) => {
      expect(operation.summary).toMatch(/^[A-Z].*[^.]$/);
      expect(operation.description).toMatch(/\S/);
      expect(operation.security).toBeInstanceOf(Array);
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['400', '500']));
    },
  );

  it('has examples for everything that is sent, and every one of them validates', () => {
    expect(mediaTypes.length).toBeGreaterThan(30);
    for (const [pointer, { examples }] of mediaTypes) {
      const validate = ajv.compile({ $ref: `contract${pointer}/schema` });
      expect(Object.keys(examples ?? {}), pointer).not.toEqual([]);
      for (const [name, example] of Object.entries(examples ?? {})) {
        validate(resolve(example)['value']);
        expect(validate.errors, `${pointer} ${name}`).toBeNull();
      }
    }
  });

  it('shows no refusal in words that the server does not have', () => {
    const isSaid = textsOfCode();
    const shown = mediaTypes.flatMap(([pointer, { examples }]) =>
      Object.entries(examples ?? {}).flatMap(([name, example]) =>
        wordsOf(resolve(example)['value']).map((text) => ({ at: `${pointer} ${name}`, text })),
      ),
    );
    expect(shown.length).toBeGreaterThan(20);
    expect(shown.filter(({ text }) => !isSaid(text))).toEqual([]);
    expect(isSaid('There is no such thing.')).toBe(false);
  });

  it('shows the metadata that a server on its own settings answers with', async () => {
    const { get } = document.paths['/.well-known/oauth-authorization-server'] ?? {};
    const { content } = resolve(get?.responses['200']) as { content: Record<string, MediaType> };
    const shown = content['application/json']?.examples?.['local']?.['value'] as { issuer: string };
    const answer = getAuthorizationServerMetadata({
      issuer: shown.issuer,
      scopes: allScopes,
      passwordGrant: true,
      maxAge: 300,
    });
    expect(shown).toEqual(((await answer({ headers: {} } as Parameters<typeof answer>[0])) as { body: unknown }).body);
  });

  it('names no scope that is not declared, and an administrator may be granted every one that is', () => {
    const { securitySchemes } = document['components'] as { securitySchemes: { bearerAuth: { flows: Node } } };
    const declared = Object.values(securitySchemes.bearerAuth.flows).flatMap((flow) =>
      Object.keys((flow as { scopes: Node }).scopes),
    );
    const named = operations.flatMap(([, { security }]) =>
      (security as Record<string, string[]>[]).flatMap((each) => each['bearerAuth'] ?? []),
    );
    expect(declared).toEqual(expect.arrayContaining(named));
    expect(allScopes.toSorted()).toEqual([...new Set(declared)].sort());
  });

  it('says of every string in a request how long it may be', () => {
    const strings = operations.flatMap(([name, operation]) => [
      ...((operation['parameters'] ?? []) as unknown[])
        .map(resolve)
        .flatMap((parameter) => stringsIn(parameter['schema'], `${name} ${parameter['name'] as string}`)),
      ...Object.values((resolve(operation['requestBody'] ?? {})['content'] ?? {}) as Record<string, MediaType>).flatMap(
        ({ schema }) => stringsIn(schema, `${name} body`),
      ),
    ]);
    expect(strings.length).toBeGreaterThan(60);
    const endless = strings.filter(({ schema }) => !isBounded(schema)).map(({ at }) => at);
    expect(endless).toEqual([]);
  });

  it('answers HEAD with the headers that GET answers with', () => {
    for (const item of Object.values(document.paths)) {
      const { get, head } = item;
      if (get === undefined || head === undefined) continue;
      for (const [status, response] of Object.entries(head.responses)) {
        expect(resolve(response)['headers']).toEqual(resolve(get.responses[status])['headers']);
      }
    }
  });

  it('is held to by two linters with no rule turned off and nothing ignored', async () => {
    expect(parse(await readFile(`${root}redocly.yaml`, 'utf8'))).toEqual({ extends: ['recommended-strict'] });
    expect(parse(await readFile(`${root}.spectral.yaml`, 'utf8'))).toEqual({ extends: 'spectral:oas' });
    expect(existsSync(`${root}.redocly.lint-ignore.yaml`)).toBe(false);
  });
});
