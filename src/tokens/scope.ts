import type { Role } from '../users/store.ts';

/** What every user may be granted. */
const userScopes = ['profile:read', 'profile:write'] as const;

/** What each role adds. */
const roleScopes: Readonly<Record<Role, readonly string[]>> = {
  admin: [
    'keys:read',
    'keys:manage',
    'users:read',
    'users:manage',
    'clients:manage',
    'tokens:introspect',
    'audit:read',
  ],
  operator: ['keys:read', 'keys:manage'],
  auditor: ['audit:read', 'keys:read', 'users:read'],
  support: ['users:read', 'users:manage'],
};

/** The scopes that a user with these roles may be granted. */
export function scopesOfUser(roles: readonly Role[]): string[] {
  return [...new Set([...userScopes, ...roles.flatMap((role) => roleScopes[role])])];
}

/** What a user may be granted through a client: a registered one passes on no more than it is registered for. */
export function scopesThrough({ scope }: { readonly scope: string | null }, roles: readonly Role[]): string[] {
  const scopes = scopesOfUser(roles);
  return scope === null ? scopes : scopes.filter((each) => hasScope(scope, each));
}

/** What only roles give. */
const privileges = new Set(Object.values(roleScopes).flat());

/** The scopes of this server beyond those of every user: whoever passes one on must have it. */
export function privilegesIn(scopes: readonly string[]): string[] {
  return scopes.filter((scope) => privileges.has(scope));
}

/** What is left of a scope that a user was granted earlier: a privilege goes with the role that gave it. */
export function scopeLeft(granted: string, roles: readonly Role[]): string {
  const held = scopesOfUser(roles);
  const scopes = splitScope(granted);
  const lost = privilegesIn(scopes).filter((privilege) => !held.includes(privilege));
  return scopes.filter((scope) => !lost.includes(scope)).join(' ');
}

/** Every scope of Tessera itself. Clients may be registered for others, which mean something to other APIs. */
export const allScopes: readonly string[] = [...userScopes, ...privileges];

/** The tokens of a scope that is known to be well-formed, such as a stored or signed one. */
export function splitScope(scope: string): string[] {
  return scope.split(' ');
}

/** Whether a well-formed scope has `name` among its tokens. */
export function hasScope(scope: string, name: string): boolean {
  return splitScope(scope).includes(name);
}

/** Splits a scope into its tokens, repeats left out; null when it breaks the grammar (RFC 6749, 3.3). */
export function parseScope(scope: string): string[] | null {
  if (!/^[\x21\x23-\x5B\x5D-\x7E]+( [\x21\x23-\x5B\x5D-\x7E]+)*$/.test(scope)) return null;
  return [...new Set(splitScope(scope))];
}

/**
 * The scope to grant: what was requested, or all that is allowed when nothing was. Null for a malformed request, for one
 * that asks for more than is allowed, and when nothing is allowed at all (`invalid_scope`).
 */
export function grantScope(requested: string | undefined, allowed: readonly string[]): string | null {
  if (requested === undefined) return allowed.length > 0 ? allowed.join(' ') : null;
  const scopes = parseScope(requested);
  if (!scopes?.every((scope) => allowed.includes(scope))) return null;
  return scopes.join(' ');
}
