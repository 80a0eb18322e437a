/**
 * The cursors of lists whose members may be deleted. One says itself where its page ended, so the next page is there even
 * when the last member of this one is not any more. Opaque to callers.
 */
export type Position = { readonly createdAt: number; readonly id: string };

export function cursorOf({ createdAt, id }: Position): string {
  return Buffer.from(`${createdAt}:${id}`).toString('base64url');
}

/** Undefined for anything but what `cursorOf` makes of an id that begins so. */
export function positionOf(cursor: string, prefix: 'usr_' | 'cli_'): Position | undefined {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, createdAt, id = ''] = /^(\d{1,15}):([a-z]{3}_[\w-]{22})$/.exec(text) ?? [];
  const position = { createdAt: Number(createdAt), id };
  // Buffer reads past what is not base64url, and Number past leading zeros: neither comes back the same.
  return id.startsWith(prefix) && cursorOf(position) === cursor ? position : undefined;
}
