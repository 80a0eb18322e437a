/**
 * Where a client may publish its keys: an https URL. With `allowsLoopback`, http on this machine as well: for trying things
 * out, never in production, where whoever may register clients could have any service beside this one asked for anything.
 */
export function isJwksUri(text: string, allowsLoopback: boolean): boolean {
  if (text.length > 512 || !/^[\x21-\x7E]+$/.test(text) || text.includes('#')) return false;
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || text.includes('@')) return false;
  return url.protocol === 'https:' || (allowsLoopback && url.protocol === 'http:' && isLoopback(url.hostname));
}

/** The host as the URL parser spells it. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
