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
