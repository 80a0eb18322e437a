import { type Fault, Refusal } from './refusal.ts';

/** Parses the text of a body. Half a character cannot be stored or sent on as what it was, so it is refused (RFC 7493, 2.1). */
export function parseJson(text: string): unknown {
  const value = parse(text);
  // The text itself is UTF-8, so half a character can only come of an escape.
  if (!/\\u[dD][89a-fA-F]/.test(text)) return value;
  const fault = findIllFormed(value);
  if (fault !== undefined) throw new Refusal(400, 'The request does not fit the contract.', { errors: [fault] });
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'The body is not JSON.');
  }
}

/** A pointer longer than this is cut: the reply to a hostile body must not be larger than the body. */
const longestPointer = 200;

/** A loop, not a recursion, and only the first fault: the body may be nested as deep as it is long. */
function findIllFormed(value: unknown): Fault | undefined {
  const left: [pointer: string, value: unknown][] = [['/body', value]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [pointer, found] = next;
    if (typeof found === 'string' && !found.isWellFormed()) return { pointer, detail: 'is not well-formed Unicode' };
    if (typeof found !== 'object' || found === null) continue;
    for (const [name, member] of Object.entries(found)) {
      if (!name.isWellFormed()) return { pointer, detail: 'has a name that is not well-formed Unicode' };
      left.push([pointTo(pointer, name), member]);
    }
  }
  return undefined;
}

function pointTo(pointer: string, name: string): string {
  if (pointer.length >= longestPointer) return pointer;
  const step = name.slice(0, longestPointer).replaceAll('~', '~0').replaceAll('/', '~1');
  return `${pointer}/${step}`.slice(0, longestPointer);
}
