import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type OpenApiDocument, tabulateRoutes } from '../../../scripts/route-table.ts';

type Edited = Record<string, Record<string, Record<string, unknown>>>;

const yaml = await readFile(new URL('../../../openapi.yaml', import.meta.url), 'utf8');

function tabulateWith(edit: (paths: Edited) => void) {
  const document = parse(yaml) as OpenApiDocument;
  edit(document.paths as Edited);
  return () => tabulateRoutes(document);
}

/** One operation of the contract, to be changed in place. */
function operation(paths: Edited, path: string, method: string): Record<string, unknown> {
  const found = paths[path]?.[method];
  if (found === undefined) throw new Error(`${method} ${path}`);
  return found;
}

describe('the route table', () => {
  it('is read from the contract as it stands', () => {
    const { operations, impliedMethods, crossOrigin } = tabulateWith(() => undefined)();
    expect(operations['getCurrentUser']).toMatchObject({ access: 'bearer', scopes: ['profile:read'], mediaTypes: [] });
    expect(operations['introspectToken']).toMatchObject({ access: 'client', scopes: ['tokens:introspect'] });
    expect(operations['issueToken']).toMatchObject({
      access: 'client',
      scopes: [],
      errors: 'oauth',
      bodyRequired: true,
    });
    expect(impliedMethods).toEqual({ head: 'get' });
    expect(crossOrigin.preflight).toMatchObject({ operationId: 'preflight', method: 'options', access: 'public' });
    expect(Object.keys(crossOrigin.headers)).toContain('Access-Control-Allow-Origin');
  });

  const refused: Record<string, [edit: (paths: Edited) => void, reason: RegExp]> = {
    'an operation that does not state its security': [
      (paths) => delete operation(paths, '/users/me', 'get')['security'],
      /getCurrentUser: state the security/,
    ],
    'clients that the validator would have to authenticate': [
      (paths) => (operation(paths, '/token', 'post')['security'] = [{ clientBasic: [] }]),
      /issueToken: nothing enforces this/,
    ],
    'an access token that may be left out': [
      (paths) => (operation(paths, '/users/me', 'get')['security'] = [{ bearerAuth: ['profile:read'] }, {}]),
      /getCurrentUser: nothing enforces this/,
    ],
    'two schemes at once': [
      (paths) => (operation(paths, '/users/me', 'get')['security'] = [{ bearerAuth: [], clientBasic: [] }]),
      /getCurrentUser: nothing enforces this/,
    ],
    'a secured operation that hides its 401': [
      (paths) => delete (operation(paths, '/users/me', 'get')['responses'] as Record<string, unknown>)['401'],
      /getCurrentUser can answer 401, too/,
    ],
    'a body without 413 and 415': [
      (paths) => {
        const responses = operation(paths, '/users', 'post')['responses'] as Record<string, unknown>;
        delete responses['413'];
        delete responses['415'];
      },
      /registerUser can answer 413, 415, too/,
    ],
    'a body of a type that nothing reads': [
      (paths) => (operation(paths, '/users', 'post')['requestBody'] = { content: { 'text/csv': {} } }),
      /registerUser: nothing reads bodies of the type text\/csv/,
    ],
    'two operations of one name': [
      (paths) => (operation(paths, '/users', 'post')['operationId'] = 'issueToken'),
      /post \/users: operationId missing or not unique/,
    ],
    'errors of two families': [
      (paths) => {
        const responses = operation(paths, '/users', 'post')['responses'] as Record<string, unknown>;
        responses['400'] = { $ref: '#/components/responses/OAuthBadRequest' };
      },
      /registerUser: its errors are of more than one family/,
    ],
    'an operation for HEAD, which every GET has': [
      (paths) => ((paths['/livez'] ??= {})['head'] = operation(paths, '/livez', 'get')),
      /\/livez: leave HEAD out, which GET implies/,
    ],
    'an operation for OPTIONS, which every path has': [
      (paths) => ((paths['/livez'] ??= {})['options'] = operation(paths, '/livez', 'get')),
      /\/livez: leave OPTIONS out, which x-cross-origin declares for every path/,
    ],
    'an operation of the name that the preflight has': [
      (paths) => (operation(paths, '/livez', 'get')['operationId'] = 'preflight'),
      /get \/livez: operationId missing or not unique/,
    ],
    'a word for unknown query parameters that means nothing': [
      (paths) => (operation(paths, '/livez', 'get')['x-unknown-query'] = 'ignore'),
      /getLiveness: x-unknown-query is ignored, or left out/,
    ],
  };

  it('refuses a method that another one is said to imply, and nothing serves', () => {
    for (const implied of [{ head: 'post' }, { trace: 'get' }]) {
      const document = { ...(parse(yaml) as OpenApiDocument), 'x-implied-methods': implied };
      expect(() => tabulateRoutes(document)).toThrow(/x-implied-methods: nothing serves (head by post|trace by get)/);
    }
  });

  it('refuses a preflight that asks for more than a browser sends', () => {
    const body = { content: { 'application/json': {} } };
    const parameter = { name: 'X-More', in: 'header', schema: { type: 'string' } };
    for (const more of [{ security: [{ bearerAuth: [] }] }, { requestBody: body }, { parameters: [parameter] }]) {
      const document = parse(yaml) as OpenApiDocument;
      const { preflight } = document['x-cross-origin'];
      const ref = { $ref: '#/components/responses/BadRequest' };
      Object.assign(preflight, more);
      Object.assign(preflight['responses'] as object, { 401: ref, 403: ref, 413: ref, 415: ref });
      expect(() => tabulateRoutes(document)).toThrow(
        'preflight: browsers send no credentials, no body and no parameters',
      );
    }
  });

  it.each(Object.entries(refused))('refuses %s', (_, [edit, reason]) => {
    expect(tabulateWith(edit)).toThrow(reason);
  });
});
