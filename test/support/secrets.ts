/** Looks for what must never be seen: private keys and key-encryption keys, however they are spelled, and parts of them. */
import { type JsonWebKey, type KeyObject, createPrivateKey } from 'node:crypto';

/** Something secret; `what` says so without telling it. */
export type Secret = { readonly what: string; readonly bytes: Buffer };

/** What is collected, by where it came from. */
export type Texts = Readonly<Record<string, string>>;

/** Of a spelling, so many characters in a row are never there by chance, and give 80 bits or more away. */
const LENGTH = 20;

/** The members of a JWK that are private (RFC 7518, 6.2.2, 6.3.2; RFC 8037, 2). */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const satisfies (keyof JsonWebKey)[];

/** A private key in PEM, member by member, and as the part of its PKCS #8 form from where that is private on. */
export function secretsOf(name: string, pem: string): Secret[] {
  const key = createPrivateKey(pem);
  const jwk = key.export({ format: 'jwk' });
  const members = privateMembers.flatMap((member) => {
    const value = jwk[member];
    return value === undefined ? [] : [{ what: `${member} of ${name}`, bytes: Buffer.from(value, 'base64url') }];
  });
  return [...members, { what: `PKCS #8 of ${name}`, bytes: privatePart(key, members[0]?.bytes ?? Buffer.alloc(0)) }];
}

/** Behind it, an RSA key has nothing but private members; of others, the public key follows. It is cut to whole base64 quanta. */
function privatePart(key: KeyObject, d: Buffer): Buffer {
  const der = key.export({ type: 'pkcs8', format: 'der' });
  const start = der.indexOf(d);
  const end = key.asymmetricKeyType === 'rsa' ? der.length : start + d.length;
  return der.subarray(Math.ceil(start / 3) * 3, end);
}

/** A sealed text, or what else is kept as base64url. */
export function secretText(what: string, base64url: string): Secret {
  return { what, bytes: Buffer.from(base64url, 'base64url') };
}

/** Every way in which bytes are usually written down. */
export const spellings: Readonly<Record<string, (bytes: Buffer) => string>> = {
  base64url: (bytes) => bytes.toString('base64url'),
  base64: (bytes) => bytes.toString('base64'),
  hex: (bytes) => bytes.toString('hex'),
  'hex in capitals': (bytes) => bytes.toString('hex').toUpperCase(),
};

/**
 * Where a secret shows, or 40 characters of one, in any spelling; one line each. Of every 40 characters in a row, 20 are
 * among those that are looked for.
 */
export function findLeaks(secrets: readonly Secret[], texts: Texts): string[] {
  const known = new Map<string, string>();
  for (const { what, bytes } of secrets)
    for (const [spelling, spell] of Object.entries(spellings)) {
      const text = spell(bytes).replace(/=+$/, '');
      for (let at = 0; at + LENGTH <= text.length; at += LENGTH)
        known.set(text.slice(at, at + LENGTH), `${what} in ${spelling}`);
    }
  const leaks = new Set<string>();
  for (const [source, text] of Object.entries(texts)) {
    if (text.includes('PRIVATE KEY')) leaks.add(`${source}: a private key in PEM`);
    // A PEM text has its lines broken, and in JSON the breaks are written out.
    const joined = text.replace(/(?<=[A-Za-z0-9+/]{64})(?:\r?\n|\\n)(?=[A-Za-z0-9+/])/g, '');
    for (const [run] of joined.matchAll(/[A-Za-z0-9+/_-]{20,}/g))
      for (let at = 0; at + LENGTH <= run.length; at += 1) {
        const found = known.get(run.slice(at, at + LENGTH));
        if (found !== undefined) leaks.add(`${source}: ${found}`);
      }
  }
  return [...leaks];
}
