/**
 * What people read, of commands and of a server that starts; the only file that writes to the terminal. Names, reasons and
 * user agents come from anywhere, and whoever can write to the database may have put there what is meant for the terminal:
 * it shows what it was given, and does nothing that it says.
 */

/** Control characters (C0, DEL and C1), and what turns the direction of a text or breaks its line. */
const controls = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** With each of them as JSON writes it: of one line. */
export function printable(text: string): string {
  return text.replaceAll(controls, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Of a text that has lines of its own. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** Prints lines on standard output. */
export function say(...lines: readonly string[]): void {
  console.log(lines.map(printable).join('\n'));
}

/** Prints lines on standard error. */
export function complain(...lines: readonly string[]): void {
  console.error(lines.map(printable).join('\n'));
}

/**
 * Prints on standard output what was drawn, colours and all, as it is. Kids alone come from elsewhere in it, of keys that were
 * not rejected: they have no such characters.
 */
export function printDrawing(text: string): void {
  process.stdout.write(text);
}
