/** What `isDisplayName` wants, for the person who chose another. */
export const notADisplayName = 'A name has 1 to 200 characters, none of them a control character or a line break.';

/** How a user may want to be called: 1 to 200 code points, no control characters, no line or paragraph separators. */
export function isDisplayName(name: string): boolean {
  return /^[^\p{Cc}\u2028\u2029]{1,200}$/u.test(name);
}
