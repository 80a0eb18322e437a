/** Where a server listens, as a setting has it, and as it stands in a URL. */
import { isIP } from 'node:net';

export const hostExpected = 'an IP address (127.0.0.1; 0.0.0.0 or :: for every interface), or the name of a host';

/**
 * An address, or a name that the resolver may know. Undefined for what it would take for an address without being one: `0` would
 * be every interface, and 127.1 this machine, while the issuer named another host. No name ends in a number (RFC 1123, 2.1).
 */
export function parseHost(text: string): string | undefined {
  const isName = /^(?:[\w-]{1,63}\.)*(?!(?:\d+|0x[\da-f]*)\.?$)[\w-]{1,63}\.?$/i.test(text);
  return isIP(text) !== 0 || isName ? text : undefined;
}

/** Whether it stands for every interface, in whatever spelling. */
export function isWildcard(host: string): boolean {
  return ['0.0.0.0', '[::]', '[::ffff:0:0]'].includes(URL.parse(`http://${bracketed(host)}`)?.hostname ?? '');
}

/** Without the port that the scheme has anyway. */
export function originAt(scheme: 'http' | 'https', host: string, port: number): string {
  const url = `${scheme}://${bracketed(host)}:${port}`;
  return URL.parse(url)?.origin ?? url;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
