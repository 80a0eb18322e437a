/**
 * A password hash as text: the PHC string of argon2id, which libargon2, passlib and PHP read too, so that accounts can come
 * from elsewhere and leave again.
 */

/** What one guess costs: memory in KiB, passes over it, lanes computed in parallel (RFC 9106, 3.1). */
export type PasswordCost = { readonly memoryKiB: number; readonly passes: number; readonly lanes: number };

/** The least that OWASP's Password Storage Cheat Sheet accepts for argon2id. */
export const OWASP_FLOOR: PasswordCost = { memoryKiB: 19456, passes: 2, lanes: 1 };

export type PasswordHash = { readonly cost: PasswordCost; readonly salt: Buffer; readonly tag: Buffer };

/** Parameters in the order m, t, p: argon2 0.45.1 itself writes m, p, t, which libargon2 and passlib refuse. */
export function formatHash({ cost, salt, tag }: PasswordHash): string {
  return `$argon2id$v=19$m=${cost.memoryKiB},t=${cost.passes},p=${cost.lanes}$${toBase64(salt)}$${toBase64(tag)}`;
}

/** The PHC specification wants base64 without padding. */
function toBase64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

const ENCODED = /^\$argon2id\$v=19\$([mtp]=\d+(?:,[mtp]=\d+){2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Null unless argon2id 1.3 within the bounds of RFC 9106, 3.1, with its parameters in any order and 16 bytes of tag. */
export function parseHash(encoded: string): PasswordHash | null {
  const [, list = '', salt = '', tag = ''] = ENCODED.exec(encoded) ?? [];
  const parameters = new Map(list.split(',').map((parameter) => [parameter.slice(0, 1), Number(parameter.slice(2))]));
  const memoryKiB = parameters.get('m') ?? 0;
  const passes = parameters.get('t') ?? 0;
  const lanes = parameters.get('p') ?? 0;
  const read = {
    cost: { memoryKiB, passes, lanes },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
  const isCostValid =
    lanes >= 1 && lanes < 2 ** 24 && passes >= 1 && passes < 2 ** 32 && memoryKiB >= 8 * lanes && memoryKiB < 2 ** 32;
  return isCostValid && read.salt.length >= 8 && read.tag.length >= 16 ? read : null;
}

/** Whether a guess at a hash of cost `a` costs less than one of `b`, in any respect. */
export function isCheaper(a: PasswordCost, b: PasswordCost): boolean {
  return a.memoryKiB < b.memoryKiB || a.passes < b.passes || a.lanes < b.lanes;
}
