/**
 * What people read, of commands and of a server that starts; the only file that writes to the terminal. Names, reasons and
 * user agents come from anywhere, and whoever can write to the database may have put there what is meant for the terminal:
 * it shows what it was given, and does nothing that it says.
 */

/** DEL and C1, and what turns the direction of a text or breaks its line. JSON leaves them as they are. */
const beyondC0 = String.raw`\x7F-\x9F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069`;
const controls = new RegExp(String.raw`[\0-\x1F${beyondC0}]`, 'g');
const controlsOfJson = new RegExp(`[${beyondC0}]`, 'g');

/** With each control character as JSON writes it: of one line. */
export function printable(text: string): string {
  return text.replaceAll(controls, (control) => `\\u${hexOf(control)}`);
}

/**
 * Of JSON, which means the same afterwards. With two backslashes it means what `printable` makes of its texts: for those who
 * read it and then print. Most lines have nothing of the kind, which is quick to see.
 */
export function printableJson(json: string, backslash: '\\' | '\\\\' = '\\'): string {
  return json.search(controlsOfJson) < 0
    ? json
    : json.replaceAll(controlsOfJson, (control) => `${backslash}u${hexOf(control)}`);
}

function hexOf(control: string): string {
  return control.charCodeAt(0).toString(16).padStart(4, '0');
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
