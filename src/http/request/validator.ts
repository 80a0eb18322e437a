/**
 * express-openapi-validator, set up for this contract. It checks every request and runs the security schemes.
 *
 * Two of its habits are left out, which is why its parts are taken from below its front door (the version is pinned, and
 * the start fails when a part is missing):
 * - It compiles OpenAPI's own meta-schema at every start, asked or not: a third of a second. Two linters hold the contract to
 *   it in every test run, so the document is handed over as it is.
 * - It finds the operation by compiling and trying every path for each request. The route table knows the operation already,
 *   so the validator is asked once for each operation, at start-up, what it knows of it (`req.openapi`).
 */
import type { Request, RequestHandler, Response } from 'express';
import { OpenApiValidator } from 'express-openapi-validator/dist/openapi.validator.js';
import type { Exchange } from '../exchange.ts';
import { requestContract } from './request-contract.ts';
import type { Route, RouteTable } from '../route.ts';
import { runMiddleware } from './run-middleware.ts';

export type SecurityHandlers = Record<string, (request: Request, scopes: string[]) => Promise<boolean> | boolean>;

export type Validator = {
  /** Tells the validator which operation the request is for. Goes before the others. */
  attach(exchange: Exchange, request: Request): void;
  /** Runs the operation's security schemes; rejects with the reason that the scheme's check left, if it left one. */
  secure(exchange: Exchange, request: Request, response: Response): Promise<void>;
  /** Holds path, query, headers and body to the contract. */
  validate(exchange: Exchange, request: Request, response: Response): Promise<void>;
};

type ValidatorOptions = ConstructorParameters<typeof OpenApiValidator>[0];
type Specification = Awaited<Parameters<OpenApiValidator['installMiddleware']>[0]>;

/** What the validator keeps on the request between its steps. */
type Metadata = {
  readonly schema?: { parameters?: { required?: boolean }[] };
  readonly pathParams: Record<string, string>;
};
type ValidatedRequest = Request & { openapi?: Metadata };

/** `document` is the contract. */
export async function createValidator(
  document: object,
  operations: RouteTable['operations'],
  handlers: SecurityHandlers,
): Promise<Validator> {
  const apiDoc = requestContract(document) as Specification['apiDoc'];
  const options: ValidatorOptions = {
    apiSpec: apiDoc,
    validateRequests: { allowUnknownQueryParameters: false, coerceTypes: false },
    validateResponses: false,
    validateSecurity: { handlers },
    fileUploader: false,
  };
  const specification = { apiDoc, basePaths: [''], routes: Object.values(operations).map(describeRoute), serial: 1 };
  const steps = new OpenApiValidator(options).installMiddleware(Promise.resolve(specification)) as RequestHandler[];
  const metadataStep = stepNamed(steps, 'metadataMiddleware');
  const securityStep = stepNamed(steps, 'securityMiddleware');
  const requestStep = stepNamed(steps, 'requestMiddleware');

  const known = new Map<Route, Metadata>();
  for (const route of Object.values(operations)) known.set(route, await askFor(metadataStep, route));
  const mayBeEmpty = new Set(
    [...known].filter(([route, metadata]) => needsNothing(route, metadata)).map(([route]) => route),
  );

  return {
    attach({ route, operationId, parameters }, request) {
      const metadata = known.get(route);
      if (metadata === undefined) throw new Error(`The validator does not know ${operationId}.`);
      (request as ValidatedRequest).openapi = { ...metadata, pathParams: { ...parameters } };
    },
    async secure(exchange, request, response) {
      try {
        await runMiddleware(securityStep, request, response);
      } catch (error) {
        // It passes on nothing but a status, and takes whatever has none for a 401.
        throw exchange.denial ?? error;
      }
    },
    async validate({ route }, request, response) {
      // Without a query, a body or any parameter there is nothing to look at, and looking takes a while.
      if (mayBeEmpty.has(route) && isEmpty(route, request)) return;
      await runMiddleware(requestStep, request, response);
    },
  };
}

/** Whether the contract lets a request to the operation come with nothing but its path. */
function needsNothing({ mediaTypes }: Route, { schema }: Metadata): boolean {
  return mediaTypes.length === 0 && (schema?.parameters ?? []).every(({ required }) => required !== true);
}

function isEmpty({ headers }: Route, request: Request): boolean {
  return !request.url.includes('?') && headers.every((name) => request.headers[name.toLowerCase()] === undefined);
}

function describeRoute({ method, path }: Route): Specification['routes'][number] {
  return {
    basePath: '',
    expressRoute: path.replace(/\{([^}]+)\}/g, ':$1'),
    openApiRoute: path,
    method: method.toUpperCase(),
    pathParams: [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name ?? ''),
  };
}

function stepNamed(steps: RequestHandler[], name: string): RequestHandler {
  const step = steps.find((candidate) => candidate.name === name);
  if (step === undefined) throw new Error(`express-openapi-validator has no step '${name}': was it upgraded?`);
  return step;
}

async function askFor(metadataStep: RequestHandler, route: Route): Promise<Metadata> {
  const path = route.path.replace(/\{[^}]+\}/g, 'x');
  const probe = {
    method: route.method.toUpperCase(),
    path,
    originalUrl: path,
    baseUrl: '',
    app: { enabled: () => true },
  };
  // As much of a request as the validator looks at to find the operation.
  const request = Object.assign(Object.create(null), probe) as ValidatedRequest;
  await runMiddleware(metadataStep, request, Object.create(null) as Response);
  if (request.openapi?.schema === undefined)
    throw new Error(`The validator does not know ${route.method} ${route.path}.`);
  return request.openapi;
}
