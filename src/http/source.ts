import { isIP } from 'node:net';
import type { Request } from 'express';
import type { Source } from '../audit/event.ts';
import { canonicalAddress } from '../network.ts';

const longestUserAgent = 256;

/**
 * Where a request came from. `X-Forwarded-For` counts only as far as the connection, and each hop behind it, belongs to a
 * trusted proxy: Express sees to that. What a trusted proxy passes on may still be no address at all.
 */
export function sourceOf(request: Request): Source {
  const { ip, socket } = request;
  const address = ip !== undefined && isIP(ip) !== 0 ? ip : socket.remoteAddress;
  const userAgent = request.headers['user-agent']?.replaceAll(/[^\x20-\x7E]/g, '?').slice(0, longestUserAgent);
  return { address: canonicalAddress(address ?? ''), userAgent: userAgent || null };
}
