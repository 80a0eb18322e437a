/** Service clients, for whoever looks after them. */
import { viewClient, viewNewSecret, viewRegisteredClient } from '../views/client.ts';
import type { ChangeClient, DeleteClient } from '../clients/change.ts';
import type { ClientDraft } from '../clients/member-rules.ts';
import type { Author } from '../clients/privileges.ts';
import type { ClientRefusal, RegisterClient } from '../clients/registration.ts';
import type { AddSecret, RemoveSecret } from '../clients/secrets.ts';
import type { ClientStore } from '../clients/store.ts';
import type { Source } from '../audit/event.ts';
import type { Handler, Reply, Request } from '../http/contract.ts';
import type { Caller } from '../tokens/caller.ts';
import { causeOf } from './cause.ts';
import { cursorOf, positionOf } from '../views/cursor.ts';
import { pageOf, usualLimit } from '../views/page.ts';
import { insufficientScope, unknownCursor } from './replies.ts';

type Deps = {
  readonly store: ClientStore;
  /** The server's own. */
  readonly audience: string;
};

export function listClients({ store, audience }: Deps): Handler<'listClients'> {
  return async ({ query: { limit = usualLimit, cursor } }) => {
    const after = cursor === undefined ? null : positionOf(cursor, 'cli_');
    if (after === undefined) return unknownCursor;
    const found = await store.listClients({ after, limit: limit + 1 });
    const { items, next } = pageOf(found, limit, ({ client }) => cursorOf(client));
    return { status: 200, body: { clients: items.map((each) => viewClient(each, audience)), ...next } };
  };
}

export function registerClient(deps: {
  register: RegisterClient;
  audience: string;
  issuerPath: string;
}): Handler<'registerClient'> {
  return async ({ caller, source, body }) => {
    const { client_name: name, scope } = body;
    const outcome = await deps.register({ ...draftOf(body), name, scope }, authorOf(caller, source));
    if (outcome.kind !== 'registered') return refuse(outcome);
    return {
      status: 201,
      headers: { Location: `${deps.issuerPath}/clients/${outcome.client.id}` },
      body: viewRegisteredClient(outcome, deps.audience),
    };
  };
}

export function getClient({ store, audience }: Deps): Handler<'getClient'> {
  return async ({ path }) => {
    const found = await store.findClient(path.clientId);
    return found === undefined ? noSuchClient : { status: 200, body: viewClient(found, audience) };
  };
}

export function updateClient(deps: { change: ChangeClient; audience: string }): Handler<'updateClient'> {
  return async ({ caller, source, path, body }) => {
    const outcome = await deps.change(path.clientId, draftOf(body), authorOf(caller, source));
    if (outcome === undefined) return noSuchClient;
    if (outcome.kind !== 'changed') return refuse(outcome);
    return { status: 200, body: viewClient(outcome, deps.audience) };
  };
}

export function deleteClient(remove: DeleteClient): Handler<'deleteClient'> {
  return async ({ caller, source, path }) => {
    const outcome = await remove(path.clientId, authorOf(caller, source));
    if (outcome === undefined) return noSuchClient;
    return outcome === 'deleted' ? { status: 204 } : insufficientScope(outcome.scopes);
  };
}

export function addClientSecret(addSecret: AddSecret): Handler<'addClientSecret'> {
  return async ({ caller, source, path }) => {
    const outcome = await addSecret(path.clientId, authorOf(caller, source));
    if (outcome === undefined) return noSuchClient;
    if (outcome.kind === 'lacking') return insufficientScope(outcome.scopes);
    if (outcome.kind === 'full') return conflict('The client has two secrets already.');
    if (outcome.kind === 'secretless') return conflict('The client does not authenticate with a secret.');
    return { status: 201, body: viewNewSecret(outcome) };
  };
}

export function deleteClientSecret(removeSecret: RemoveSecret): Handler<'deleteClientSecret'> {
  return async ({ caller, source, path: { clientId, secretId } }) => {
    const outcome = await removeSecret(clientId, secretId, authorOf(caller, source));
    if (outcome === undefined) return noSuchClient;
    if (outcome === 'unknown') return noSuchSecret;
    if (outcome === 'last') return conflict('This is the last secret of the client.');
    return outcome === 'removed' ? { status: 204 } : insufficientScope(outcome.scopes);
  };
}

/** The members that a request gives, under the names of the domain. */
export function draftOf(body: Request<'updateClient'>['body']): Partial<ClientDraft> {
  return {
    ...(body.client_name !== undefined && { name: body.client_name }),
    ...(body.token_endpoint_auth_method !== undefined && { authMethod: body.token_endpoint_auth_method }),
    ...(body.grant_types !== undefined && { grantTypes: body.grant_types }),
    ...(body.scope !== undefined && { scope: body.scope }),
    ...(body.audiences !== undefined && { audiences: body.audiences }),
    ...(body.access_token_lifetime !== undefined && { accessTokenLifetime: body.access_token_lifetime }),
    ...(body.jwks !== undefined && { jwks: body.jwks }),
    ...(body.jwks_uri !== undefined && { jwksUri: body.jwks_uri }),
  };
}

function authorOf(caller: Caller, source: Source): Author {
  return { cause: causeOf(caller, source), scope: caller.claims.scope };
}

function refuse(refusal: ClientRefusal) {
  if (refusal.kind === 'lacking') return insufficientScope(refusal.scopes);
  const errors = refusal.faults.map(({ pointer, detail }) => ({ pointer: `/body${pointer}`, detail }));
  return {
    status: 400,
    body: { detail: 'The request does not fit the contract.', errors },
  } as const satisfies Reply<'updateClient'>;
}

function conflict(detail: string) {
  return { status: 409, body: { detail } } as const;
}

const noSuchClient = { status: 404, body: { detail: 'There is no such client.' } } as const;

const noSuchSecret = { status: 404, body: { detail: 'The client has no such secret.' } } as const;
