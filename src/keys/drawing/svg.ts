/**
 * The timeline as an SVG that stands alone: nothing is loaded, nothing runs, it reads on light and on dark, and everything
 * that is drawn is said in words, too. Lengths are pixels.
 */
import { toRfc3339 } from '../../clock.ts';
import { formatDistance, formatDuration } from './duration.ts';
import { layOutMoments, type Picture } from './picture.ts';
import { drawHandOvers, drawRow, endOf, sayBar, sizes, type Chart } from './svg-rows.ts';
import { style } from './svg-style.ts';
import { element, escapeXml, text } from './xml.ts';

const MARGIN = 32;
const HEADER = 132;
const AXIS = 84;
const LEGEND = 44;

/** The least between two moments: a date fits there. */
const STRETCH = 74;

export function drawSvg(picture: Picture): string {
  const { rows, leftOut } = picture;
  const chart = layOutChart(picture);
  const width = endOf(chart) + MARGIN;
  const height = chart.bottom + AXIS + LEGEND;
  const caption =
    'Not to scale: each stretch says how long it lasts. Keys leave the set when it says here, or earlier.';
  const missing = leftOut > 0 ? ` Keys that were gone before, and are not shown: ${leftOut}.` : '';
  const box = { class: 'tessera', role: 'img', 'aria-labelledby': 'tessera-title tessera-desc' };
  const parts = [
    element('title', { id: 'tessera-title' }, 'Timeline of the signing keys'),
    element('desc', { id: 'tessera-desc' }, escapeXml(describe(picture))),
    element('style', {}, style),
    element('defs', {}, stripes),
    element('rect', { class: 'page', width, height }),
    text('Signing keys', { class: 'heading', x: MARGIN, y: 48 }),
    text(`${caption}${missing}`, { class: 'quiet', x: MARGIN, y: 70 }),
    drawGrid(picture, chart),
    ...rows.map((row, place) => drawRow(row, chart, place)),
    drawHandOvers(rows, chart),
    drawNow(chart),
    drawLegend(picture, chart),
  ].map((part) => `\n${part}`);
  const size = { width, height, viewBox: `0 0 ${width} ${height}` };
  return `${element('svg', { xmlns: 'http://www.w3.org/2000/svg', ...box, ...size }, ...parts, '\n')}\n`;
}

const stripes = element(
  'pattern',
  {
    id: 'tessera-stripes',
    class: 'stripes',
    width: 8,
    height: 8,
    patternUnits: 'userSpaceOnUse',
    patternTransform: 'rotate(45)',
  },
  element('rect', { width: 8, height: 8 }),
  element('line', { x1: 1.5, y1: 0, x2: 1.5, y2: 8 }),
);

function layOutChart({ rows, moments, now }: Picture): Chart {
  const longest = Math.max(...rows.map(({ name }) => name.length), 14);
  const left = MARGIN + Math.ceil(longest * sizes.kidCharacter) + 28;
  const edges = layOutMoments(moments, Math.max(820, moments.length * STRETCH * 1.25), STRETCH);
  const places = new Map(moments.map((moment, place) => [moment, left + (edges[place] ?? 0)]));
  const right = left + (edges.at(-1) ?? 0);
  const bottom = HEADER + rows.length * sizes.row;
  const xOf = (moment: number): number => places.get(moment) ?? left;
  return { margin: MARGIN, left, right, top: HEADER, bottom, nowAt: xOf(now), xOf };
}

/** The past, a line at each moment with its date under it, and over the rows how long it is from one to the next. */
function drawGrid({ moments, now }: Picture, chart: Chart): string {
  const { left, top, bottom, nowAt, xOf } = chart;
  const guides = moments.map((moment, place) => {
    const x = xOf(moment);
    const next = moments[place + 1];
    const [date = '', time = ''] = toRfc3339(moment).split('T');
    return [
      element('line', { class: 'guide', x1: x, y1: top - 20, x2: x, y2: bottom + 14 }),
      ...[date, time, formatDistance(moment, now)].map((label, line) =>
        text(label, { class: 'small quiet middle', x, y: bottom + 30 + 15 * line }),
      ),
      ...(next === undefined
        ? []
        : [text(formatDuration(next - moment), { class: 'small middle', x: (x + xOf(next)) / 2, y: top - 10 })]),
    ].join('');
  });
  const past = { class: 'past', x: left, y: top, width: nowAt - left, height: bottom - top + 8 };
  const axis = { class: 'axis', x1: left, y1: bottom + 8, x2: endOf(chart), y2: bottom + 8 };
  return element('g', {}, element('rect', past), ...guides, element('line', axis));
}

function drawNow({ top, bottom, nowAt: x }: Chart): string {
  return element(
    'g',
    { class: 'now' },
    element('line', { x1: x, y1: top - 22, x2: x, y2: bottom + 14 }),
    element('rect', { x: x - 19, y: top - 44, width: 38, height: 20, rx: 10 }),
    text('now', { class: 'small middle', x, y: top - 30 }),
  );
}

function drawLegend({ rows }: Picture, { margin, bottom }: Chart): string {
  const hasRevoked = rows.some(({ bars }) => bars.some(({ state }) => state === 'revoked'));
  const entries = [
    ['standby', 'standby: published, next to sign'],
    ['active', 'signs'],
    ['retiring', 'verifies: published, signs no more'],
    ['gone', 'gone from the set'],
    ...(hasRevoked ? [['revoked', 'revoked']] : []),
  ];
  let x = margin;
  const y = bottom + AXIS + 8;
  const drawn = entries.map(([kind = '', meaning = '']) => {
    const start = x;
    x += 44 + meaning.length * sizes.character + 22;
    return [drawSample(kind, start, y), text(meaning, { x: start + 44, y: y + 12 })].join('');
  });
  return element('g', {}, ...drawn);
}

function drawSample(kind: string, x: number, y: number): string {
  if (kind === 'gone') return element('line', { class: 'gone', x1: x, y1: y + 8, x2: x + 34, y2: y + 8 });
  if (kind === 'revoked')
    return element('g', { class: 'revoked' }, element('path', { d: `M${x + 12} ${y + 3}l10 10m0 -10l-10 10` }));
  return element(
    'g',
    { class: kind },
    element('path', { d: `M${x + 4} ${y}h26a4 4 0 0 1 4 4v8a4 4 0 0 1 -4 4h-26a4 4 0 0 1 -4 -4v-8a4 4 0 0 1 4 -4z` }),
  );
}

/** What the picture shows, for those who do not see it. */
function describe({ rows, now }: Picture): string {
  const lives = rows.map(({ kid, alg, state, bars }) => {
    const spans = bars.map((bar) => sayBar(bar)).join('; ');
    return `${kid} (${alg}), ${state ?? 'planned'}: ${spans}.`;
  });
  return [`What each signing key is for, as of ${toRfc3339(now)}.`, ...lives].join(' ');
}
