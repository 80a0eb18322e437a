import type { KeyRecord } from '../store.ts';
import type { KeyChange } from '../timeline/forecast.ts';
import type { KeySpan } from '../timeline/life.ts';

export type SpanState = KeySpan['state'] | 'verify-only';

/** A key, what it was for, and what it will be for. Moments are epoch seconds. */
export type OutlookKey = Pick<KeyRecord, 'kid' | 'alg'> & {
  /** What it is for now; null when it is not made yet. */
  readonly state: SpanState | 'retired' | null;
  /** `until` is null when nobody can say. */
  readonly spans: readonly { readonly state: SpanState; readonly from: number; readonly until: number | null }[];
};

export type Outlook = {
  readonly now: number;
  readonly until: number;
  readonly changes: readonly KeyChange[];
  /** In order of succession, those of other issuers last. */
  readonly keys: readonly OutlookKey[];
};
