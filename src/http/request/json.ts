import { findRepeatedMember } from './json-members.ts';
import { pointTo } from './json-pointer.ts';
import { type Fault, HttpError } from '../reply/http-error.ts';

/**
 * Parses the text of a body. Half a character cannot be stored or sent on as what it was, and of two members of one name
 * only one can count, so both are refused (RFC 7493, 2.1 and 2.3).
 */
export function parseJson(text: string): unknown {
  const value = parse(text);
  // The text itself is UTF-8, so half a character can only come of an escape.
  const fault = (/\\u[dD][89a-fA-F]/.test(text) ? findIllFormed(value) : undefined) ?? findRepeated(text);
  if (fault !== undefined) throw new HttpError(400, 'The request does not fit the contract.', { errors: [fault] });
  return value;
}

function findRepeated(text: string): Fault | undefined {
  const pointer = findRepeatedMember(text);
  return pointer === undefined ? undefined : { pointer, detail: 'is there twice' };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError(400, 'The body is not JSON.');
  }
}

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
