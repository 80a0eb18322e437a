import express, { type Express } from 'express';
import { beforeAll, describe, expect } from 'vitest';
import { routes } from '../../../src/generated/routes.ts';
import { AuditError, type AuditedDocument, auditStart } from '../../../src/http/audit.ts';
import type { RouteTable } from '../../../src/http/route.ts';
import { contract } from '../../support/tessera.ts';
import { it } from '../../support/variant.ts';

type Loose = {
  paths: Record<string, Record<string, { operationId?: string; security?: Record<string, string[]>[] }>>;
  components: { securitySchemes?: Record<string, object> };
};

let original: AuditedDocument;
beforeAll(async () => {
  original = (await contract()).document;
});

/** The contract, after an edit that nobody followed up. */
function edited(edit: (document: Loose) => void): AuditedDocument {
  const document = structuredClone(original);
  edit(document as unknown as Loose);
  return document;
}

function operation(document: Loose, path: string, method: string) {
  const found = document.paths[path]?.[method];
  if (found === undefined) throw new Error(`no ${method} ${path}`);
  return found;
}

const edits: Record<string, { edit: (document: Loose) => void; hole: string }> = {
  'an operation that does not state its security': {
    edit: (document) => delete operation(document, '/users/me', 'get').security,
    hole: 'getCurrentUser does not state its security',
  },
  'an operation of the route table that the document has opened to everybody': {
    edit: (document) => (operation(document, '/users/me', 'delete').security = []),
    hole: 'deleteCurrentUser is bearer in the route table, but not by its security',
  },
  'an operation of the route table that the document has opened to other scopes': {
    edit: (document) => (operation(document, '/users/{userId}', 'delete').security = [{ bearerAuth: ['users:read'] }]),
    hole: 'deleteUser is bearer in the route table, but not by its security',
  },
  'an operation that takes a token or nothing': {
    edit: (document) => operation(document, '/users/me', 'patch').security?.push({}),
    hole: 'updateCurrentUser is bearer in the route table, but not by its security',
  },
  'a public operation of the route table that the document has closed': {
    edit: (document) => (operation(document, '/users', 'post').security = [{ bearerAuth: [] }]),
    hole: 'registerUser is public in the route table, but not by its security',
  },
  'a scheme that nothing checks': {
    edit: (document) => (document.components.securitySchemes = { ...document.components.securitySchemes, apiKey: {} }),
    hole: 'nothing checks the security scheme apiKey',
  },
  'an operation with a scheme that is not declared': {
    edit: (document) => (operation(document, '/users/me', 'get').security = [{ sessionCookie: [] }]),
    hole: 'getCurrentUser names the security scheme sessionCookie, which is not declared',
  },
  'no securitySchemes': {
    edit: (document) => delete document.components.securitySchemes,
    hole: 'getCurrentUser names the security scheme bearerAuth, which is not declared',
  },
};

describe('the server refuses to start', () => {
  it.for(Object.entries(edits))('with %s', async ([, { edit, hole }], { variants }) => {
    const start = variants.variant((deps) => ({ contract: { ...deps.contract, document: edited(edit) } }));
    await expect(start).rejects.toThrow(AuditError);
    await expect(start).rejects.toThrow(`The server would fail open:`);
    await expect(start).rejects.toThrow(`\n  - ${hole}`);
  });

  it('with an operation in the contract that the route table does not know', async ({ variants }) => {
    const document = edited(({ paths }) => {
      paths['/admin'] = { get: { operationId: 'openTheDoor', security: [] } };
    });
    const start = variants.variant((deps) => ({ contract: { ...deps.contract, document } }));
    await expect(start).rejects.toThrow('\n  - openTheDoor is not in the route table');
  });

  it('with an operation in the route table that the contract does not know', async ({ variants }) => {
    for (const edit of [
      ({ paths }: Loose) => delete paths['/users/me'],
      ({ paths }: Loose) => delete paths['/users/me']?.['get'],
      (document: Loose) => (operation(document, '/users/me', 'get').operationId = 'getSomebody'),
    ]) {
      const document = edited(edit);
      await expect(variants.variant((deps) => ({ contract: { ...deps.contract, document } }))).rejects.toThrow();
    }
  });

  it('names every hole at once', async ({ variants }) => {
    const document = edited((draft) => {
      for (const { edit } of Object.values(edits).slice(0, 2)) edit(draft);
    });
    const start = variants.variant((deps) => ({ contract: { ...deps.contract, document } }));
    for (const { hole } of Object.values(edits).slice(0, 2)) await expect(start).rejects.toThrow(hole);
  });
});

const mounted = (_request: unknown, _response: unknown, next: () => void) => {
  next();
};

function audit({
  handlers = handlerIds,
  table = routes,
  change = () => undefined,
}: { handlers?: string[]; table?: RouteTable; change?: (app: Express) => unknown } = {}): void {
  const app = express();
  change(app);
  app.use(mounted);
  auditStart({
    document: original,
    table,
    schemes: ['bearerAuth', 'clientBasic'],
    handlers,
    app,
    operationsMount: mounted,
    outsideContract: ['/docs', '/docs/redoc.js'],
  });
}

const handlerIds = Object.keys(routes.operations);

describe('the audit', () => {
  it('lets a server start that keeps to its contract, and to the paths that are listed beside it [ASVS-6.3.4]', () => {
    audit();
    audit({ change: (app) => app.get('/docs', mounted).get('/docs/redoc.js', mounted) });
  });

  it.for(handlerIds)('finds the handler that is missing: %s', (id) => {
    const handlers = handlerIds.filter((each) => each !== id);
    expect(() => {
      audit({ handlers });
    }).toThrow(`${id} has no handler`);
  });

  it('finds a handler too many', () => {
    expect(() => {
      audit({ handlers: [...handlerIds, 'openTheDoor'] });
    }).toThrow('openTheDoor is served, but not in the contract');
  });

  it('finds an operation of the route table that is not in the contract', () => {
    const operations = { ...routes.operations, openTheDoor: routes.operations.getLiveness };
    expect(() => {
      audit({ table: { ...routes, operations } });
    }).toThrow('openTheDoor is served, but not in the contract');
  });

  it('finds a method that is implied in the route table, and not in the contract', () => {
    expect(() => {
      audit({ table: { ...routes, impliedMethods: {} } });
    }).toThrow('methods that others imply are not those of the contract');
  });

  const outside: Record<string, { change: (app: Express) => unknown; hole: string }> = {
    'a route': { change: (app) => app.get('/debug', mounted), hole: '/debug is routed outside the contract' },
    'a route for every method': { change: (app) => app.all('/debug', mounted), hole: '/debug is routed' },
    'a route with a parameter': { change: (app) => app.get('/users/:id', mounted), hole: '/users/:id is routed' },
    'a route beneath a listed one': { change: (app) => app.get('/docs/x', mounted), hole: '/docs/x is routed' },
    'a middleware': { change: (app) => app.use(express.static('.')), hole: 'the middleware serveStatic answers' },
    'a router': { change: (app) => app.use('/admin', express.Router()), hole: 'the middleware router answers' },
    'a nameless middleware': { change: (app) => app.use(() => undefined), hole: 'answers outside the contract' },
  };

  it.for(Object.entries(outside))('finds %s outside the contract', ([, { change, hole }]) => {
    expect(() => {
      audit({ change });
    }).toThrow(hole);
  });
});
