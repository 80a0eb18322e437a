const realm = 'realm="tessera"';

/** How a client is asked to authenticate (RFC 7617). */
export const basicChallenge = `Basic ${realm}, charset="UTF-8"`;

/** How a request without a good access token is answered (RFC 6750, section 3); bare without a reason. */
export function bearerChallenge(
  reason?: { error: 'invalid_token'; description: string } | { error: 'insufficient_scope'; scope?: string } | '',
): string {
  if (!reason) return `Bearer ${realm}`;
  if (reason.error === 'invalid_token') {
    return `Bearer ${realm}, error="invalid_token", error_description="${reason.description}"`;
  }
  const scope = reason.scope === undefined ? '' : `, scope="${reason.scope}"`;
  return `Bearer ${realm}, error="insufficient_scope"${scope}`;
}

/** What an access token is told that works and lacks these scopes (RFC 6750, section 3.1). */
export function lackOf(scopes: readonly string[]) {
  const scope = scopes.join(' ');
  return {
    detail: `This needs an access token with the scope ${scope}.`,
    headers: { 'WWW-Authenticate': bearerChallenge({ error: 'insufficient_scope', scope }) },
  };
}
