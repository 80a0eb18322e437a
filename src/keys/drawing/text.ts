/** The timeline for a terminal: a row of characters for each key, and under it a list of the moments. */
import { toRfc3339 } from '../../clock.ts';
import { formatDistance, formatDuration } from './duration.ts';
import { layOutMoments, listHappenings, type Bar, type Picture, type Row } from './picture.ts';

type Mark = Bar['state'] | 'gone';

export type Colour = 'cyan' | 'green' | 'yellow' | 'red' | 'dim';

const marks: Readonly<Record<Mark, { char: string; style: Colour; means: string }>> = {
  standby: { char: '╌', style: 'cyan', means: 'standby' },
  active: { char: '█', style: 'green', means: 'signs' },
  retiring: { char: '░', style: 'yellow', means: 'verifies only' },
  'verify-only': { char: '░', style: 'yellow', means: 'verifies only' },
  revoked: { char: '×', style: 'red', means: 'revoked' },
  gone: { char: '·', style: 'dim', means: 'gone' },
};

/** One character of a row, and what it stands for; null where there is nothing yet. */
type Cell = { readonly char: string; readonly mark: Mark | null };

/** Columns are counted from the left edge of the chart. What is now has a column for itself. */
type Chart = { readonly columnOf: (moment: number) => number; readonly nowAt: number; readonly end: number };

/** Behind the last moment: what goes on, and an arrow. */
const TAIL = 2;

/** `colour` gives a text its colour; without it there are none. */
export function drawText(
  picture: Picture,
  { columns, colour }: { columns: number; colour?: ((colour: Colour, text: string) => string) | undefined },
): string {
  const { rows, leftOut } = picture;
  const paint = (mark: Mark | null, text: string): string =>
    colour === undefined || mark === null ? text : colour(marks[mark].style, text);

  const labels = rows.map(({ name, state }) => [name, state ?? 'planned'] as const);
  const nameWidth = Math.max(...labels.map(([name]) => name.length));
  const stateWidth = Math.max(...labels.map(([, state]) => state.length));
  const margin = ' '.repeat(nameWidth + stateWidth + 4);
  const chart = layOutChart(picture, columns - margin.length);

  const happenings = listHappenings(picture);
  const numbers = happenings.map(({ moment }, place) => ({ column: chart.columnOf(moment), text: String(place + 1) }));
  const lines = [
    margin + placeTexts([{ column: Math.max(chart.nowAt - 1, 0), text: 'now' }]),
    ...rows.map((row, place) => {
      const [name = '', state = ''] = labels[place] ?? [];
      return `${name.padEnd(nameWidth)}  ${state.padEnd(stateWidth)}  ${paintCells(drawRow(row, chart), paint)}`;
    }),
    margin + drawAxis(picture, chart),
    margin + placeTexts(numbers),
    margin + placeTexts(measureStretches(picture, chart)),
    '',
    ...listMoments(picture, happenings),
    '',
    `${drawLegend(picture, paint)}   not to scale`,
    ...(leftOut > 0 ? [`Keys that were gone before, and are not shown: ${leftOut}`] : []),
  ];
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** As wide as there is room, and wider where so much happens that a stretch would have no column. */
function layOutChart({ moments, now }: Picture, width: number): Chart {
  const room = width - TAIL - 1;
  const stretches = Math.max(moments.length - 1, 1);
  const least = Math.min(Math.max(Math.floor(room / stretches), 1), 4);
  const edges = layOutMoments(moments, room, least);
  const columns = new Map(moments.map((moment, place) => [moment, (edges[place] ?? 0) + (moment > now ? 1 : 0)]));
  const columnOf = (moment: number): number => columns.get(moment) ?? 0;
  return { columnOf, nowAt: columnOf(now), end: (edges.at(-1) ?? 0) + 1 };
}

function drawRow({ bars }: Row, { columnOf, nowAt, end }: Chart): Cell[] {
  const cells = Array.from({ length: end + TAIL }, (): Cell => ({ char: ' ', mark: null }));
  const fill = (from: number, until: number, mark: Mark, char = marks[mark].char): void => {
    cells.fill({ char, mark }, from, until);
  };
  for (const { state, from, until, isCutBefore, isCutAfter } of bars) {
    const [start, stop] = [columnOf(from), isCutAfter ? cells.length : columnOf(until)];
    fill(start, stop, state === 'revoked' ? 'gone' : state);
    if (state === 'revoked') fill(start === nowAt ? start + 1 : start, start + (start === nowAt ? 2 : 1), 'revoked');
    else if (isCutAfter) fill(stop - 1, stop, state, '→');
    if (isCutBefore) fill(start, start + 1, state, '←');
  }
  const last = bars.at(-1);
  if (last && !last.isCutAfter) fill(columnOf(last.until), cells.length, 'gone');
  cells[nowAt] = { char: '│', mark: null };
  return cells;
}

/** Neighbours of one kind are painted in one go. */
function paintCells(cells: readonly Cell[], paint: (mark: Mark | null, text: string) => string): string {
  let painted = '';
  for (let place = 0; place < cells.length;) {
    const { mark } = cells[place] ?? { mark: null };
    const next = cells.findIndex((cell, after) => after > place && cell.mark !== mark);
    const end = next < 0 ? cells.length : next;
    painted += paint(
      mark,
      cells
        .slice(place, end)
        .map(({ char }) => char)
        .join(''),
    );
    place = end;
  }
  return painted;
}

function drawAxis({ moments, now }: Picture, { columnOf, end }: Chart): string {
  const axis = Array.from({ length: end + TAIL }, () => '─');
  for (const moment of moments) axis[columnOf(moment)] = moment === now ? '┼' : '┴';
  return axis.join('');
}

/** How long it is from each moment to the next, where there is room to say so. */
function measureStretches({ moments }: Picture, { columnOf }: Chart): { column: number; text: string }[] {
  return moments.slice(1).flatMap((until, place) => {
    const from = moments[place] ?? until;
    const room = columnOf(until) - columnOf(from) - 1;
    const long = formatDuration(until - from);
    const text = [long, long.split(' ')[0] ?? ''].find(({ length }) => length <= room);
    return text === undefined ? [] : [{ column: columnOf(from) + 1 + Math.floor((room - text.length) / 2), text }];
  });
}

/** One line of texts, each at its column; one for which the one before leaves no room is left out. */
function placeTexts(texts: readonly { readonly column: number; readonly text: string }[]): string {
  return texts.reduce((line, { column, text }) => {
    const isFree = column === 0 ? line === '' : column > line.length || line === '';
    return isFree ? line.padEnd(column) + text : line;
  }, '');
}

function listMoments({ now }: Picture, happenings: ReturnType<typeof listHappenings>): string[] {
  const width = String(happenings.length).length;
  const distances = happenings.map(({ moment }) => formatDistance(moment, now));
  const longest = Math.max(...distances.map(({ length }) => length));
  return happenings.map(({ moment, happenings: what }, place) =>
    [String(place + 1).padStart(width), toRfc3339(moment), distances[place]?.padEnd(longest), what.join(', ')].join(
      '  ',
    ),
  );
}

function drawLegend({ rows }: Picture, paint: (mark: Mark | null, text: string) => string): string {
  const used = new Set<Mark>(['standby', 'active', 'retiring', 'gone']);
  if (rows.some(({ bars }) => bars.some(({ state }) => state === 'revoked'))) used.add('revoked');
  return [...used].map((mark) => `${paint(mark, marks[mark].char.repeat(2))} ${marks[mark].means}`).join('   ');
}
