import type { KeyRecord } from './store.ts';
import type { VerifyOnlyKey } from './verify-only.ts';

/** Which kind of key a row is for: each kind has a table. */
export type RowKind = 'signing' | 'verify-only';

/** A row: two tables may have one of the same kid, where somebody has seen to it. */
export type RowName = { readonly of: RowKind; readonly kid: string };

export const tables = { signing: 'signing_keys', 'verify-only': 'verify_only_keys' } as const satisfies Record<
  RowKind,
  string
>;

export function kindOf(key: KeyRecord | VerifyOnlyKey): RowKind {
  return 'succeeds' in key ? 'signing' : 'verify-only';
}
