import type { JWK } from 'jose';
import type { Occasion } from '../audit/event.ts';

/** What a client may present to be given a token (RFC 7591, section 2). */
export const grantTypes = ['client_credentials', 'password', 'refresh_token'] as const;
export type GrantType = (typeof grantTypes)[number];

/** How a client authenticates (RFC 7591, section 2); one with a secret may send it either way. */
export const clientAuthMethods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const;
export type ClientAuthMethod = (typeof clientAuthMethods)[number];

/** Whether the client authenticates with a secret, and so may have some. */
export function hasSecrets({ authMethod }: Pick<Client, 'authMethod'>): boolean {
  return authMethod === 'client_secret_basic' || authMethod === 'client_secret_post';
}

/** A registered client. Moments are epoch seconds. */
export type Client = {
  /** `cli_` and 128 random bits; also `sub` where the client acts for itself. */
  readonly id: string;
  readonly name: string;
  readonly authMethod: ClientAuthMethod;
  readonly grantTypes: readonly GrantType[];
  /** The scopes that the client may be granted, or pass on for users, separated by spaces. */
  readonly scope: string;
  /** Whom its tokens may be for, the first where it does not say; none means the server's own audience alone. */
  readonly audiences: readonly string[];
  /** In seconds; null for the server's own. */
  readonly accessTokenLifetime: number | null;
  /** The public keys that its assertions are signed with, or where they are published: one of the two at most. */
  readonly jwks: { readonly keys: readonly JWK[] } | null;
  readonly jwksUri: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
};

/** A secret as it is stored: never itself, only its SHA-256, since 256 random bits need no slow hash. */
export type ClientSecret = {
  /** `sec_` and 128 random bits. */
  readonly id: string;
  readonly hash: string;
  readonly createdAt: number;
  /** To the minute. */
  readonly lastUsedAt: number | null;
};

/** A client and the secrets that work, the older one first. */
export type ClientWithSecrets = { readonly client: Client; readonly secrets: readonly ClientSecret[] };

export type ClientChanges = Partial<Omit<Client, 'id' | 'createdAt' | 'updatedAt'>>;

/** Runs within the transaction of the change, so that nothing moves between what it sees and what it decides. */
export type DecideChange = (current: Client) => ClientChanges | null;

/** Says, within the transaction as well, whether the client may be touched. */
export type AllowChange = (current: Client) => boolean;

/** A client has no more secrets than this at a time. */
export const mostSecrets = 2;

/** Where clients are kept. Implemented in `database/`; every method is one transaction, its audit event included. */
export interface ClientStore {
  insertClient(client: Client, secret: ClientSecret | null, occasion: Occasion): Promise<void>;

  findClient(id: string): Promise<ClientWithSecrets | undefined>;

  /** In the order in which they were registered, `limit` at most, behind the place of `after`, which may be gone. */
  listClients(page: { after: Pick<Client, 'createdAt' | 'id'> | null; limit: number }): Promise<ClientWithSecrets[]>;

  /**
   * The client after the change that `decide` makes of it; null there leaves it as it is, and the outcome is `refused`.
   * A client that does not authenticate with a secret any more loses those it has.
   */
  updateClient(
    id: string,
    decide: DecideChange,
    occasion: Occasion,
  ): Promise<ClientWithSecrets | 'refused' | undefined>;

  /** Removes the client and ends the sessions that users began through it. Undefined when there is none such. */
  deleteClient(id: string, allows: AllowChange, occasion: Occasion): Promise<'deleted' | 'refused' | undefined>;

  /** Refuses when `allows` says no. `full` is a client that has `mostSecrets`, `secretless` one that needs none. */
  addSecret(
    clientId: string,
    secret: ClientSecret,
    allows: AllowChange,
    occasion: Occasion,
  ): Promise<'added' | 'full' | 'secretless' | 'refused' | undefined>;

  /** Leaves the last one. `unknown` is a secret that the client does not have. */
  removeSecret(
    clientId: string,
    id: string,
    allows: AllowChange,
    occasion: Occasion,
  ): Promise<'removed' | 'last' | 'unknown' | 'refused' | undefined>;

  /** Puts on record that the secret was used, at most once a minute. */
  noteSecretUse(id: string, at: number): Promise<void>;

  /** True for the first of all who present this `jti` of the client before `expiresAt`. */
  useAssertion(assertion: { clientId: string; jti: string; expiresAt: number }, now: number): Promise<boolean>;
}
