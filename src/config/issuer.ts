/** The public URL of the server, as a setting has it, and what comes of its path. */

/** Segments that mean the same to every proxy and client: nothing to decode, and nothing that stands for another folder. */
const pathPattern = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)*$/;

/** Undefined for what is no issuer. Issuers are compared as text (RFC 8414, 3.3), so each has one spelling. */
export function parseIssuer(text: string, schemes: readonly string[]): string | undefined {
  const url = URL.parse(text);
  if (url === null || !schemes.includes(url.protocol)) return undefined;
  const path = text.slice(url.origin.length);
  return text.startsWith(url.origin) && pathPattern.test(path) ? text : undefined;
}

/** What stands between the host and the paths of the contract: nothing, or `/auth`. */
export function pathOfIssuer(issuer: string): string {
  const { pathname } = new URL(issuer);
  return pathname === '/' ? '' : pathname;
}

export const basePathExpected =
  'a path, such as /auth, that requests to this server begin with: letters, digits and -._~';

/** Undefined for what is no path. A slash alone is none, and one behind it says nothing more. */
export function parseBasePath(text: string): string | undefined {
  const path = text.replace(/\/$/, '');
  return pathPattern.test(path) ? path : undefined;
}
