/**
 * Texts of PostgreSQL hold no NUL (PostgreSQL, 8.3), which requests may have in them, and SQLite keeps. So a NUL is written
 * as a noncharacter (Unicode, 23.7) and a mark, and the noncharacter itself as itself and another mark: no two texts become
 * one, and each comes back as it was.
 */
const escape = '\uFFFF';
const [marksNul, marksEscape] = ['0', '1'];

export function storable(value: unknown): unknown {
  if (typeof value !== 'string' || !/[\0\uFFFF]/.test(value)) return value;
  return value.replaceAll(escape, escape + marksEscape).replaceAll('\0', escape + marksNul);
}

export function readText(text: string): string {
  if (!text.includes(escape)) return text;
  return text.replaceAll(escape + marksNul, '\0').replaceAll(escape + marksEscape, escape);
}
