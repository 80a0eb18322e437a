import { stripVTControlCharacters, styleText } from 'node:util';
import fc, { cases } from '../../../support/property.ts';
import { describe, expect, test } from 'vitest';
import type { Outlook, OutlookKey } from '../../../../src/keys/drawing/outlook.ts';
import { composePicture, type Picture } from '../../../../src/keys/drawing/picture.ts';
import { drawSvg } from '../../../../src/keys/drawing/svg.ts';
import { drawText } from '../../../../src/keys/drawing/text.ts';
import { forecastKeys } from '../../../../src/keys/timeline/forecast.ts';
import type { KeyRecord } from '../../../../src/keys/store.ts';
import { line, none, policy as short } from '../../../support/keys/fake-keys.ts';

const day = 86_400;
const now = 1_790_000_000;

const policy = {
  ...short,
  rotateEvery: 30 * day,
  publishBefore: 3_600,
  replicaRefresh: 5,
  clockSkew: 30,
  tokenLifetime: 900,
};

/** Two keys, twelve days after the first start. */
const keys = line(
  { publishedAt: now - 12 * day, activatesAt: now - 12 * day, tookOverAt: now - 12 * day },
  { publishedAt: now - 12 * day + 1, activatesAt: now + 18 * day },
);

function outlookOf(records: readonly KeyRecord[], rotations: number): Outlook {
  const { until, changes, lives } = forecastKeys({ keys: records, now, policy, unreadable: none, rotations });
  const stateOf = ({ spans }: (typeof lives)[number]): OutlookKey['state'] =>
    spans.find(({ from, until: end }) => from <= now && now < (end ?? Infinity))?.state ?? 'retired';
  return {
    now,
    until,
    changes,
    keys: lives.map((life) => ({ ...life, state: life.isPlanned ? null : stateOf(life) })),
  };
}

const pictureOf = (rotations: number, records = keys): Picture => composePicture(outlookOf(records, rotations));

const rowOf = (drawn: string, name: string): string =>
  drawn.split('\n').find((row) => row.startsWith(`${name} `)) ?? '';

describe('a picture', () => {
  test('takes two keys that were made a second apart for keys of one moment', () => {
    const { moments, rows } = pictureOf(1);
    expect(moments.slice(0, 2)).toEqual([now - 12 * day, now]);
    expect(rows[1]?.bars[0]).toMatchObject({ from: now - 12 * day, isCutBefore: false });
  });

  test('begins when the oldest key of use was published, and counts those that were gone before', () => {
    const gone = {
      publishedAt: now - 400 * day,
      activatesAt: now - 400 * day,
      revokedAt: now - 390 * day,
      sealedPrivateKey: null,
    };
    const [lost, first, second] = line(gone, { ...keys[0] }, { ...keys[1] });
    if (!lost || !first || !second) throw new Error('three keys');
    const records = [lost, { ...first, kid: 'k2', succeeds: 'k1' }, { ...second, kid: 'k3', succeeds: 'k2' }];
    const { rows, moments, leftOut } = pictureOf(1, records);
    expect([rows.map(({ kid }) => kid).slice(0, 2), moments[0], leftOut]).toEqual([['k2', 'k3'], now - 12 * day, 1]);
  });

  test('shortens kids to what tells them from each other', () => {
    const kids = ['production-key-2024-01', 'production-key-2024-02', 'production-old-2024-01', 'short'];
    const key = (kid: string): OutlookKey => ({
      kid,
      alg: 'RS256',
      state: 'verify-only',
      spans: [{ state: 'verify-only', from: now, until: null }],
    });
    const { rows } = composePicture({ now, until: now + 9, changes: [], keys: kids.map(key) });
    const names = rows.map(({ name }) => name);
    expect(new Set(names).size).toBe(4);
    expect(names[3]).toBe('short');
    for (const [place, name] of names.slice(0, 3).entries()) {
      const [head = '', end = ''] = name.split('…');
      expect(name.length).toBeLessThanOrEqual(22);
      expect([kids[place]?.startsWith(head), kids[place]?.endsWith(end)]).toEqual([true, true]);
    }
  });
});

describe('in a terminal', () => {
  test('no phase is hidden, however many there are and however narrow it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 30 }), fc.integer({ min: 20, max: 200 }), (rotations, columns) => {
        const drawn = drawText(pictureOf(rotations), { columns });
        const phases: [string, RegExp][] = [
          ['k1', /█+│█+░+·/],
          ['k2', /╌+│╌+█+░+·/],
          ['next-1', /╌+█+░+·/],
        ];
        for (const [name, phase] of phases) expect(rowOf(drawn, name)).toMatch(phase);
      }),
      { numRuns: cases(100) },
    );
  });

  test('the width of the terminal is used, and kept to', () => {
    for (const columns of [60, 80, 132]) {
      const rows = drawText(pictureOf(2), { columns }).split('\n').slice(1, 6);
      expect(Math.max(...rows.map(({ length }) => length))).toBe(columns);
    }
  });

  test('colours add nothing but colour', () => {
    const plain = drawText(pictureOf(3), { columns: 100 });
    const coloured = drawText(pictureOf(3), {
      columns: 100,
      colour: (name, text) => styleText(name, text, { validateStream: false }),
    });
    expect(coloured).not.toBe(plain);
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });

  test('every row of a key and the axis cross the present in one column', () => {
    const lines = drawText(pictureOf(3), { columns: 80 }).split('\n');
    const column = lines.find((text) => text.includes('┼'))?.indexOf('┼');
    for (const { name } of pictureOf(3).rows) expect(rowOf(lines.join('\n'), name).indexOf('│')).toBe(column);
  });
});

test('an SVG says in words what it shows', () => {
  const drawn = drawSvg(pictureOf(1));
  const description = /<desc id="tessera-desc">(.*?)<\/desc>/.exec(drawn)?.[1];
  expect(description).toContain(
    'k1 (RS256), active: signs from 2026-09-09T14:13:20Z until 2026-10-09T14:13:20Z; verifies from',
  );
  expect(description).toContain('next-1 (RS256), planned: standby from');
  expect(drawn).not.toMatch(/href|<script|<image|url\((?!#)/);
});
