/**
 * Whom a token is for (RFC 8707, section 2): the one that `resource` names, if it is among those `allowed`, or the first
 * of those. Null when it is not (`invalid_target`).
 */
export function chooseAudience(resource: string | undefined, allowed: readonly string[]): string | null {
  if (resource === undefined) return allowed[0] ?? null;
  return allowed.includes(resource) ? resource : null;
}
