import { type Fault, Refusal } from './refusal.ts';

/** Parses the text of a body. Half a character cannot be stored or sent on as what it was, so it is refused (RFC 7493, 2.1). */
export function parseJson(text: string): unknown {
  const value = parse(text);
  // The text itself is UTF-8, so half a character can only come of an escape.
  if (!/\\u[dD][89a-fA-F]/.test(text)) return value;
  const faults = findIllFormed(value, '/body');
  if (faults.length > 0) throw new Refusal(400, 'The request does not fit the contract.', { errors: faults });
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'The body is not JSON.');
  }
}

/** A loop, not a recursion: the body may be nested as deep as it is long. */
function findIllFormed(value: unknown, pointer: string): Fault[] {
  const faults: Fault[] = [];
  const left: [pointer: string, value: unknown][] = [[pointer, value]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [at, found] = next;
    if (typeof found === 'string' && !found.isWellFormed()) {
      faults.push({ pointer: at, detail: 'is not well-formed Unicode' });
    }
    if (typeof found !== 'object' || found === null) continue;
    for (const [name, member] of Object.entries(found)) {
      if (!name.isWellFormed()) faults.push({ pointer: at, detail: 'has a name that is not well-formed Unicode' });
      else left.push([`${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, member]);
    }
  }
  return faults;
}
