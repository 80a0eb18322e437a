import type { Clock } from '../clock.ts';
import { hashSecret, newId, newSecret } from '../secret.ts';
import { parseScope } from '../tokens/scope.ts';
import type { Client, ClientStore } from './store.ts';

export type ClientRegistrationOutcome =
  /** `secret` is never seen again. */
  | { readonly kind: 'registered'; readonly client: Client; readonly secret: string }
  | { readonly kind: 'fault'; readonly member: 'name' | 'scope'; readonly detail: string };

export type RegisterClient = (client: {
  readonly name: string;
  /** The scopes that it may be granted, separated by spaces; repeats are left out. */
  readonly scope: string;
}) => Promise<ClientRegistrationOutcome>;

/** Registers service clients. */
export function clientRegistrar(deps: { store: ClientStore; clock: Clock }): RegisterClient {
  const { store, clock } = deps;
  return async ({ name, scope }) => {
    if (!isClientName(name)) return { kind: 'fault', member: 'name', detail: notAClientName };
    const scopes = parseScope(scope);
    if (scopes === null) return { kind: 'fault', member: 'scope', detail: notAScope };

    const secret = newSecret('tcs_');
    const client: Client = {
      id: newId('cli_'),
      name,
      secretHash: hashSecret(secret),
      scope: scopes.join(' '),
      createdAt: clock(),
    };
    await store.insertClient(client);
    return { kind: 'registered', client, secret };
  };
}

const notAClientName = 'A name has 1 to 100 characters, none of them a control character or a line break.';
const notAScope = 'A scope is one or more names separated by single spaces (RFC 6749, 3.3).';

/** In code points, without control characters and without line and paragraph separators. */
function isClientName(name: string): boolean {
  return /^[^\p{Cc}\u2028\u2029]{1,100}$/u.test(name);
}
