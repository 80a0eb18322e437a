/** A pointer longer than this is cut: the reply to a hostile body must not be larger than the body. */
const longestPointer = 200;

/** One step further along a JSON Pointer (RFC 6901), in well-formed Unicode whatever the name is. */
export function pointTo(pointer: string, name: string): string {
  if (pointer.length >= longestPointer) return pointer;
  const step = name.slice(0, longestPointer).replaceAll('~', '~0').replaceAll('/', '~1');
  return `${pointer}/${step}`.slice(0, longestPointer).toWellFormed();
}
