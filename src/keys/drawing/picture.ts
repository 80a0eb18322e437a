import type { Outlook, OutlookKey, SpanState } from './outlook.ts';

/** A span as far as it is in the picture. Moments are epoch seconds. */
export type Bar = {
  readonly state: SpanState;
  readonly from: number;
  readonly until: number;
  /** It began before the picture does; it goes on after the picture ends. */
  readonly isCutBefore: boolean;
  readonly isCutAfter: boolean;
};

export type Row = OutlookKey & {
  /** The kid, shortened to what tells it from the others. */
  readonly name: string;
  readonly bars: readonly Bar[];
};

/** What a timeline shows, however it is drawn. */
export type Picture = {
  readonly now: number;
  /** Each moment at which something changes, and now; the first and the last are where the picture begins and ends. */
  readonly moments: readonly number[];
  readonly rows: readonly Row[];
  /** How many keys were revoked so long ago that they are not in the picture. */
  readonly leftOut: number;
};

/**
 * Moments that are no more than this part of the picture apart are taken for one: the first two keys, which are made a
 * second apart, and sign for months.
 */
const INDISTINCT = 1 / 1_000_000;

/** The picture begins when the first key was published that is still of use, or will be. */
export function composePicture({ now, until: end, keys }: Outlook): Picture {
  const inUse = keys.flatMap(({ spans }) => {
    const [first] = spans;
    const last = spans.at(-1);
    return first && last && last.state !== 'revoked' && (last.until ?? Infinity) > now ? [first.from] : [];
  });
  const begin = Math.min(now, ...inUse);
  const seen = keys.filter(({ spans }) =>
    spans.some(({ state, from, until }) => (state === 'revoked' ? from >= begin : (until ?? end) > begin)),
  );
  const apart = (end - begin) * INDISTINCT;
  const clipped = seen.map((key) => ({ key, bars: key.spans.map((span) => clip(span, begin, end, apart)) }));
  const ends = clipped.flatMap(({ bars }) => bars.flatMap(({ from, until }) => [from, until]));
  const joined = joinMoments([begin, now, end, ...ends], now, apart);
  const settle = (moment: number): number => joined.get(moment) ?? moment;
  const names = shortenKids(seen.map(({ kid }) => kid));
  const rows = clipped.map(({ key, bars }, place) => ({
    ...key,
    name: names[place] ?? key.kid,
    bars: bars
      .map((bar) => ({ ...bar, from: settle(bar.from), until: settle(bar.until) }))
      .filter((bar) => bar.from < bar.until),
  }));
  return { now, moments: [...new Set(joined.values())], rows, leftOut: keys.length - seen.length };
}

function clip(span: OutlookKey['spans'][number], begin: number, end: number, apart: number): Bar {
  const until = span.until ?? Infinity;
  return {
    state: span.state,
    from: Math.max(span.from, begin),
    until: Math.min(until, end),
    isCutBefore: span.from < begin - apart,
    isCutAfter: until > end,
  };
}

/** What happens at each moment, in the words for states: `abc active`. Moments at which nothing does are left out. */
export function listHappenings({ moments, rows }: Picture): { moment: number; happenings: readonly string[] }[] {
  return moments
    .map((moment) => ({ moment, happenings: rows.flatMap((row) => happeningsTo(row, moment)) }))
    .filter(({ happenings }) => happenings.length > 0);
}

function happeningsTo({ name, bars }: Row, moment: number): string[] {
  const begun = bars.find(({ from, isCutBefore }) => from === moment && !isCutBefore);
  if (begun !== undefined) return [`${name} ${begun.state}`];
  const last = bars.at(-1);
  return last?.until === moment && !last.isCutAfter ? [`${name} retired`] : [];
}

/** The moment that each of `all` is taken for, in order. */
function joinMoments(all: readonly number[], now: number, apart: number): Map<number, number> {
  const joined = new Map<number, number>();
  let last = -Infinity;
  for (const moment of [...new Set(all)].sort((a, b) => a - b)) {
    if (Math.abs(moment - now) <= apart) last = now;
    else if (moment - last > apart) last = moment;
    joined.set(moment, last);
  }
  return joined;
}

/** Both ends of each kid, so much of them that no two are the same. */
function shortenKids(kids: readonly string[]): string[] {
  for (let length = 12; ; length += 2) {
    const half = length / 2;
    const short = kids.map((kid) => (kid.length <= length ? kid : `${kid.slice(0, half)}…${kid.slice(1 - half)}`));
    if (new Set(short).size === new Set(kids).size) return short;
  }
}

/**
 * Where each of `moments` is on an axis of `room` characters or pixels. Between neighbours there is at least `least`, however
 * short the time: a linear axis would hide an hour in a month. Longer times get more, by their cube root.
 */
export function layOutMoments(moments: readonly number[], room: number, least: number): number[] {
  const weights = moments.slice(1).map((moment, place) => Math.cbrt(moment - (moments[place] ?? moment)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const spare = Math.max(room - least * weights.length, 0);
  let passed = 0;
  return moments.map((_, place) => {
    passed += weights[place - 1] ?? 0;
    return least * place + Math.round(total === 0 ? 0 : (spare * passed) / total);
  });
}
