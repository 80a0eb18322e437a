import { pointTo } from './json-pointer.ts';

/**
 * Where the first member stands that an object has twice (RFC 7493, 2.3), as a JSON Pointer; undefined when there is none.
 * `JSON.parse` would keep the last and drop the others without a word, so what one reader of the text saw and checked
 * could be another value than the one that counts. `text` is known to be JSON. A loop, since it may be nested as deep as
 * it is long.
 */
export function findRepeatedMember(text: string): string | undefined {
  const open: Frame[] = [];
  for (const [token, at] of tokensOf(text)) {
    const frame = open.at(-1);
    if (token === '{') open.push({ names: new Set(), step: '' });
    else if (token === '[') open.push({ names: undefined, step: 0 });
    else if (token === '}' || token === ']') open.pop();
    else if (token === ',' && typeof frame?.step === 'number') frame.step += 1;
    else if (token.startsWith('"') && frame?.names !== undefined && isName(text, at + token.length)) {
      const name = JSON.parse(token) as string;
      frame.step = name;
      if (frame.names.has(name)) return pointerTo(open);
      frame.names.add(name);
    }
  }
  return undefined;
}

/** What is open: an object with the names that it has had so far, or a list; and the step to where we are in it. */
type Frame = { readonly names: Set<string> | undefined; step: string | number };

function* tokensOf(text: string): Generator<[token: string, at: number]> {
  for (const { 0: token, index } of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]/g)) yield [token, index];
}

/** Whether a colon comes next: in an object, that is what tells a name from a value. */
function isName(text: string, at: number): boolean {
  colon.lastIndex = at;
  return colon.test(text);
}

const colon = /[ \t\n\r]*:/y;

function pointerTo(open: readonly Frame[]): string {
  return open.reduce((pointer, { step }) => pointTo(pointer, String(step)), '/body');
}
