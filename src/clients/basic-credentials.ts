/**
 * Reads the client's credentials from an `Authorization: Basic` header (RFC 7617), each of them form-encoded
 * (RFC 6749, 2.3.1). Undefined when the header is of another scheme or malformed.
 */
export function parseBasicCredentials(authorization: string): { id: string; secret: string } | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(encoded, 'base64'));
    const colon = text.indexOf(':');
    if (colon === -1) return undefined;
    return { id: decodeForm(text.slice(0, colon)), secret: decodeForm(text.slice(colon + 1)) };
  } catch (error) {
    if (error instanceof TypeError || error instanceof URIError) return undefined;
    throw error;
  }
}

/**
 * Whether an `Authorization` header says nothing of a client, and so counts as absent: it is empty; it is Basic with neither
 * id nor secret, as a form sends it that nobody has filled in; or it is a bearer token, which many programs put on every
 * request. Everything else tries to authenticate, and fails where it is garbled: several headers, which arrive joined by
 * commas, among them.
 */
export function namesNoClient(authorization: string): boolean {
  if (/^(?:bearer(?: +[A-Za-z0-9._~+/-]+=*)?)?$/i.test(authorization)) return true;
  const basic = parseBasicCredentials(authorization);
  return basic?.id === '' && basic.secret === '';
}

function decodeForm(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
