/**
 * How rows of keys are read and written. Whatever somebody has put into a row, it is read, and so are the others: SQLite takes
 * any value in any column, and one number that is none in JavaScript would end the whole query. So moments are read as texts. A row
 * in which a value is not one of its column is no key: it is read as one that was published at no moment (`NaN`).
 */
import type { JWK } from 'jose';
import { type RawBuilder, sql } from 'kysely';
import { lastMoment } from '../../clock.ts';
import type { KeyRecord } from '../../keys/store.ts';
import type { VerifyOnlyKey } from '../../keys/verify-only.ts';
import type { SigningKeyRow, VerifyOnlyKeyRow } from '../schema.ts';

export const signingKeyColumns = [
  ...(['kid', 'succeeds', 'alg', 'public_jwk', 'sealed_private_key', 'facts_mac'] as const),
  ...(['published_at', 'activates_at', 'took_over_at', 'revoked_at', 'tokens_expire_at', 'destroyed_at'] as const).map(
    (name) => asText(name),
  ),
];

export const verifyOnlyKeyColumns = [
  ...(['kid', 'alg', 'public_jwk', 'facts_mac'] as const),
  ...(['published_at', 'published_until', 'revoked_at'] as const).map((name) => asText(name)),
];

/** Empty for what is none, or not within a year of four digits. In SQLite, a text and bytes are more than any number. */
export function asText<Name extends string>(name: Name) {
  const moment = sql.ref(name);
  const isNone = sql`${moment} not between 0 and ${sql.lit(lastMoment)}`;
  return sql`case when ${isNone} then '' else cast(${moment} as text) end`.as(name);
}

/** As it is read: anything may be in it. */
type Found<Row> = { readonly [Column in keyof Row]: unknown };

export function signingKeyOf(row: Found<Omit<SigningKeyRow, 'place'>>): KeyRecord {
  const key = {
    ...commonOf(row),
    succeeds: textOf(row.succeeds),
    activatesAt: momentOf(row.activates_at) ?? NaN,
    tookOverAt: momentOf(row.took_over_at),
    tokensExpireAt: momentOf(row.tokens_expire_at),
    sealedPrivateKey: textOrNull(row.sealed_private_key),
    destroyedAt: momentOf(row.destroyed_at),
  };
  if (hasMoments(key)) return key;
  return { ...key, ...noMoments(key), activatesAt: 0, tookOverAt: null, tokensExpireAt: null, destroyedAt: null };
}

export function verifyOnlyKeyOf(row: Found<VerifyOnlyKeyRow>): VerifyOnlyKey {
  const key = { ...commonOf(row), publishedUntil: momentOf(row.published_until) ?? NaN };
  return hasMoments(key) ? key : { ...key, ...noMoments(key), publishedUntil: 0 };
}

function commonOf(row: Found<Omit<VerifyOnlyKeyRow, 'published_until'>>) {
  return {
    kid: textOf(row.kid),
    // Where it is none, the public key is none for it.
    alg: textOf(row.alg) as KeyRecord['alg'],
    publicJwk: parseJwk(textOf(row.public_jwk)),
    publishedAt: momentOf(row.published_at) ?? NaN,
    revokedAt: momentOf(row.revoked_at),
    factsMac: textOrNull(row.facts_mac),
  };
}

export function rowOf(key: KeyRecord): Omit<SigningKeyRow, 'place'> {
  return {
    kid: key.kid,
    succeeds: key.succeeds,
    alg: key.alg,
    published_at: key.publishedAt,
    activates_at: key.activatesAt,
    took_over_at: key.tookOverAt,
    revoked_at: key.revokedAt,
    tokens_expire_at: key.tokensExpireAt,
    public_jwk: JSON.stringify(key.publicJwk),
    sealed_private_key: key.sealedPrivateKey,
    destroyed_at: key.destroyedAt,
    facts_mac: key.factsMac,
  };
}

export function verifyOnlyRowOf(key: VerifyOnlyKey): VerifyOnlyKeyRow {
  return {
    kid: key.kid,
    alg: key.alg,
    public_jwk: JSON.stringify(key.publicJwk),
    published_at: key.publishedAt,
    published_until: key.publishedUntil,
    revoked_at: key.revokedAt,
    facts_mac: key.factsMac,
  };
}

/** What no server wrote there has revoked nothing: an operator may. */
export function isNotRevoked(): RawBuilder<boolean> {
  const moment = sql.ref('revoked_at');
  return sql`(${moment} is null or ${moment} not between 0 and ${sql.lit(lastMoment)} or ${moment} <> cast(${moment} as bigint))`;
}

/** NaN for what is none. */
export function momentOf(value: unknown): number | null {
  if (value === null) return null;
  return typeof value === 'string' && /^[0-9]+$/.test(value) ? Number(value) : NaN;
}

function hasMoments(key: object): boolean {
  return !Object.values(key).some((value) => Number.isNaN(value));
}

function noMoments({ revokedAt }: { readonly revokedAt: number | null }) {
  return { publishedAt: NaN, revokedAt: Number.isNaN(revokedAt) ? null : revokedAt };
}

export function textOrNull(value: unknown): string | null {
  return value === null ? null : textOf(value);
}

/** Of what is none, a text that no server writes, so that one can tell which it is. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return `no text: ${value instanceof Uint8Array ? Buffer.from(value).toString('hex').slice(0, 64) : typeof value}`;
}

/** What is no JSON object was not written here, and is no key. */
function parseJwk(text: string): JWK {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}
