import { createHash } from 'node:crypto';

/** A strong entity tag: the same text has the same tag, any other text another (RFC 9110, 8.8.3). */
export function strongETag(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url')}"`;
}

/** Whether an `If-None-Match` names this tag; the comparison is weak, as RFC 9110, 13.1.2 wants. */
export function isCurrent(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
