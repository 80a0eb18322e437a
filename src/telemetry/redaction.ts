/** Keeps secrets out of the log: members by their name, wherever they are, and in texts what has the look of a secret. */
import { describeError } from './described-error.ts';

export const redacted = '[redacted]';

/** Deeper than anything that is logged on purpose. */
const deepest = 8;

/** Of a list or an object that is longer, the rest is left out. */
const longest = 100;

/** Names as `nameKey` spells them. The private members of a JWK are among them (RFC 7518, 6.2.2, 6.3.2 and 6.4). */
const secretNames = new Set(
  (
    'd p q dp dq qi oth k key pem jwk privatejwk cookie setcookie authorization proxyauthorization credentials ' +
    'device presented successor assertion codeverifier parameters query body keks'
  ).split(' '),
);

const secretEndings = /(password|passwd|passphrase|passwordhash|secret|secrethash|token|assertion|successor)$/;
const secretParts = /(privatekey|encryptionkey|sealed)/;

/** A copy of what is to be logged in which nothing secret is left. Errors become what may be said of them. */
export function redactMembers(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return copyOf(value, deepest) as Record<string, unknown>;
}

function copyOf(value: unknown, levels: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return describeError(value);
  if (value instanceof Date) return value;
  if (levels === 0) return '[deep]';
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return '[bytes]';
  if (value instanceof Map || value instanceof Set) return copyOf([...value], levels);
  if (Array.isArray(value)) return value.slice(0, longest).map((each) => copyOf(each, levels - 1));
  const copy: Record<string, unknown> = {};
  let room = longest;
  for (const name in value) {
    if ((room -= 1) < 0) break;
    const member = (value as Record<string, unknown>)[name];
    copy[name] = isSecretName(name) && member !== undefined && member !== null ? redacted : copyOf(member, levels - 1);
  }
  return copy;
}

const known = new Map<string, boolean>();

/** Whether a member of this name is a secret, in whatever way it is spelled: `client_secret`, `clientSecret`, `Client-Secret`. */
function isSecretName(name: string): boolean {
  let answer = known.get(name);
  if (answer === undefined) {
    const key = name.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase();
    answer = secretNames.has(key) || secretEndings.test(key) || secretParts.test(key);
    // Names come from the code, but nobody can be sure of that.
    if (known.size < 1000) known.set(name, answer);
  }
  return answer;
}

/** What a text may hold of secrets, be it a message of a library or a line that is written already. */
const secretTexts = new RegExp(
  [
    // The password of a URL, in JSON, too.
    String.raw`(?<=:\/\/(?:[^\s"/\\:@]|\\.)*:)(?:[^\s"/\\]|\\.)*(?=@)`,
    // A private key in PEM.
    String.raw`-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[^"\\]|\\.)*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?=")|$)`,
    // Anything that is signed: three parts in base64url.
    String.raw`\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*`,
    // Our own refresh tokens and client secrets, password hashes, sealed keys and successors.
    String.raw`\bt(?:rt|cs)_[\w-]{16,}`,
    String.raw`\$argon2\w*\$[^\s"\\]*`,
    String.raw`\bv1\.(?:[\w-]+\.)?[\w-]{16}\.[\w-]{23,}`,
    // Credentials of a header.
    String.raw`(?<=\b(?:[Bb]earer|[Bb]asic) )[\w.~+/=-]{8,}`,
  ].join('|'),
  'g',
);

/** Looks for what all of these have in them, which most lines have not. */
const mayHoldSecret = /:\/\/|-----BEGIN|eyJ|t(?:rt|cs)_|\$argon2|\bv1\.|[Bb](?:earer|asic) /;

export function redactText(text: string): string {
  return mayHoldSecret.test(text) ? text.replaceAll(secretTexts, redacted) : text;
}
