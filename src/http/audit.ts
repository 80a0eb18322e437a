/** The start-up audit: the server does not listen when some request could pass unchecked. */
import { isDeepStrictEqual } from 'node:util';
import type { Express } from 'express';
import { type Access, type RouteTable, type SecurityRequirement, accessOf } from './route.ts';

type Operation = { operationId?: string; security?: SecurityRequirement[] };
export type AuditedDocument = {
  paths: Record<string, Record<string, Operation>>;
  components?: { securitySchemes?: Record<string, unknown> };
  'x-implied-methods'?: Record<string, string>;
};

/** The server would fail open; the message lists every hole. */
export class AuditError extends Error {
  override readonly name = 'AuditError';
}

/**
 * Every operation states its security, as the route table has it; every scheme has a check; every operation has a
 * handler; and nothing is routed but the contract and the paths that `outsideContract` names.
 */
export function auditStart(subject: {
  document: AuditedDocument;
  table: RouteTable;
  schemes: readonly string[];
  handlers: readonly string[];
  app: Express;
  operationsMount: unknown;
  outsideContract: readonly string[];
}): void {
  const { document, table, schemes, handlers, app, operationsMount, outsideContract } = subject;
  const holes: string[] = [];
  const declared = Object.keys(document.components?.securitySchemes ?? {});
  for (const scheme of declared)
    if (!schemes.includes(scheme)) holes.push(`nothing checks the security scheme ${scheme}`);

  const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
  for (const { operationId = '(no operationId)', security } of operations) {
    const route = table.operations[operationId];
    if (route === undefined) holes.push(`${operationId} is not in the route table`);
    else if (!handlers.includes(operationId)) holes.push(`${operationId} has no handler`);
    if (security === undefined) holes.push(`${operationId} does not state its security`);
    else if (route !== undefined && !isDeepStrictEqual(accessOf(security), pickAccess(route))) {
      holes.push(`${operationId} is ${route.access} in the route table, but not by its security`);
    }
    for (const scheme of (security ?? []).flatMap((requirement) => Object.keys(requirement))) {
      if (!declared.includes(scheme))
        holes.push(`${operationId} names the security scheme ${scheme}, which is not declared`);
    }
  }
  const known = new Set(operations.map(({ operationId }) => operationId));
  for (const id of [...Object.keys(table.operations), ...handlers]) {
    if (!known.has(id)) holes.push(`${id} is served, but not in the contract`);
  }
  if (!isDeepStrictEqual(document['x-implied-methods'] ?? {}, table.impliedMethods))
    holes.push('methods that others imply are not those of the contract');
  for (const layer of app.router.stack) {
    if (layer.handle === operationsMount) continue;
    if (layer.route === undefined) holes.push(`the middleware ${layer.name} answers outside the contract`);
    else if (!outsideContract.includes(layer.route.path))
      holes.push(`${layer.route.path} is routed outside the contract`);
  }
  if (holes.length > 0) throw new AuditError(['The server would fail open:', ...new Set(holes)].join('\n  - '));
}

function pickAccess({ access, scopes }: Access): Access {
  return { access, scopes };
}
