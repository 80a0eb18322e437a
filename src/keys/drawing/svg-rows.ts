/** The rows of the picture: what each key is for, and where one hands over to the next. Lengths are pixels. */
import { toRfc3339 } from '../../clock.ts';
import { formatDuration } from './duration.ts';
import type { Bar, Row } from './picture.ts';
import { element, escapeXml, text } from './xml.ts';

/** Where things are. */
export type Chart = {
  readonly margin: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly nowAt: number;
  readonly xOf: (moment: number) => number;
};

/** A character is as wide as this at most: of a sentence, and of a kid. */
export const sizes = { row: 48, bar: 28, tail: 34, character: 6.4, kidCharacter: 8 } as const;

/** Behind the last moment there is room for what goes on. */
export function endOf({ right }: Chart): number {
  return right + sizes.tail;
}

const words: Readonly<Record<Bar['state'], string>> = {
  standby: 'standby',
  active: 'signs',
  retiring: 'verifies',
  'verify-only': 'verifies',
  revoked: 'revoked',
};

/** A bar in words. */
export function sayBar({ state, from, until, isCutBefore, isCutAfter }: Bar): string {
  const begin = isCutBefore ? `since before ${toRfc3339(from)}` : `from ${toRfc3339(from)}`;
  return `${words[state]} ${begin}${isCutAfter ? ' on' : ` until ${toRfc3339(until)}`}`;
}

export function drawRow({ kid, alg, name, state, bars }: Row, chart: Chart, place: number): string {
  const top = topOf(chart, place);
  const middle = top + sizes.bar / 2;
  const last = bars.at(-1);
  const goneFrom =
    last && !(last.isCutAfter && last.state !== 'revoked') ? (last.state === 'revoked' ? last.from : last.until) : null;
  return element(
    'g',
    {},
    element('title', {}, escapeXml(kid)),
    text(name, { class: 'kid', x: chart.margin, y: middle - 2 }),
    text(`${state ?? 'planned'} · ${alg}`, { class: 'small quiet', x: chart.margin, y: middle + 13 }),
    ...(goneFrom === null ? [] : [drawGone(chart, goneFrom, middle)]),
    ...bars.map((bar) => drawBar(bar, chart, top)),
  );
}

function topOf({ top }: Chart, place: number): number {
  return top + place * sizes.row + (sizes.row - sizes.bar) / 2;
}

function drawGone(chart: Chart, from: number, y: number): string {
  return element('line', { class: 'gone', x1: chart.xOf(from) + 14, y1: y, x2: endOf(chart), y2: y });
}

function drawBar(bar: Bar, chart: Chart, top: number): string {
  const { state, from, until, isCutBefore, isCutAfter } = bar;
  const start = chart.xOf(from);
  const middle = top + sizes.bar / 2;
  const title = element('title', {}, escapeXml(sayBar(bar)));
  if (state === 'revoked') {
    const label = text('revoked', { class: 'small revoked-label', x: start + 16, y: middle - 7 });
    return element(
      'g',
      { class: 'revoked' },
      title,
      element('path', { d: `M${start - 6} ${middle - 6}l12 12m0 -12l-12 12` }),
      label,
    );
  }
  const end = isCutAfter ? endOf(chart) : chart.xOf(until);
  const lasts = isCutBefore || isCutAfter ? [] : [`${words[state]} ${formatDuration(until - from)}`];
  const [left, right] = widestWithout(chart.nowAt, start, end);
  const label = [...lasts, words[state]].find(({ length }) => length * sizes.character < right - left - 14);
  return element(
    'g',
    { class: state === 'verify-only' ? 'retiring' : state },
    title,
    element('path', { d: outlineBar(start + 1, end - 1, top, bar) }),
    ...(label === undefined ? [] : [text(label, { class: 'middle', x: (left + right) / 2, y: middle + 4 })]),
  );
}

/** The larger part of a bar on one side of a line, which is not to run through words. */
function widestWithout(line: number, start: number, end: number): readonly [left: number, right: number] {
  if (line <= start || line >= end) return [start, end];
  return line - start > end - line ? [start, line] : [line, end];
}

/** Round where it begins and ends, and pointed where it goes on outside the picture. */
function outlineBar(start: number, end: number, top: number, { isCutBefore, isCutAfter }: Bar): string {
  const radius = 5;
  const side = sizes.bar - 2 * radius;
  const half = sizes.bar / 2;
  const right = isCutAfter
    ? `H${end - 10}l10 ${half}l-10 ${half}`
    : `H${end - radius}a${radius} ${radius} 0 0 1 ${radius} ${radius}v${side}a${radius} ${radius} 0 0 1 -${radius} ${radius}`;
  const left = isCutBefore
    ? `H${start}l8 -${half}l-8 -${half}z`
    : `H${start + radius}a${radius} ${radius} 0 0 1 -${radius} -${radius}v-${side}a${radius} ${radius} 0 0 1 ${radius} -${radius}z`;
  return `M${isCutBefore ? start : start + radius} ${top}${right}${left}`;
}

/** An arrow from each key to the one that signs from the very moment on at which it stops. */
export function drawHandOvers(rows: readonly Row[], chart: Chart): string {
  const turns = rows.flatMap(({ bars }, place) =>
    bars.filter(({ state }) => state === 'active').map((bar) => ({ ...bar, place })),
  );
  const arrows = turns.flatMap(({ until, isCutAfter, place }) => {
    const next = turns.find((turn) => turn.from === until && turn.place > place);
    if (isCutAfter || next === undefined) return [];
    const x = chart.xOf(until);
    const from = topOf(chart, place) + sizes.bar;
    const to = topOf(chart, next.place);
    return [
      element('line', { x1: x, y1: from, x2: x, y2: to - 6 }),
      element('path', { d: `M${x - 5} ${to - 8}h10l-5 8z` }),
    ];
  });
  return element('g', { class: 'hand-over' }, ...arrows);
}
