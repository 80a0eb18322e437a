import { describe, expect, test } from 'vitest';
import { arrangeLine, findPredecessor, isPlaceFree } from '../../../src/keys/timeline/succession.ts';
import fc from '../../support/property.ts';

const key = (kid: string, succeeds: string, publishedAt = 0) => ({ kid, succeeds, publishedAt });
const kidsOf = (keys: readonly { kid: string }[]) => keys.map(({ kid }) => kid).join('');
const name = fc.constantFrom('', 'a', 'b', 'c', 'd', 'e', ' ');
/** Whatever anybody could have put into the rows: kids are unique, and so is what they succeed. */
const rows = fc
  .tuple(fc.uniqueArray(name), fc.uniqueArray(name))
  .map(([kids, places]) => kids.slice(0, places.length).map((kid, at) => key(kid, places[at] ?? '')));

describe('the line', () => {
  test('is in order of succession, in whatever order the rows are', () => {
    const inOrder = [key('a', '', 5), key('b', 'a', 3), key('c', 'b', 9), key('d', 'c', 7)];
    fc.assert(
      fc.property(fc.shuffledSubarray(inOrder, { minLength: 4 }), (shuffled) => {
        expect(kidsOf(arrangeLine(shuffled))).toBe('abcd');
      }),
    );
  });

  test('has keys between which some are missing in the order in which they were published', () => {
    expect(kidsOf(arrangeLine([key('f', 'e', 9), key('d', 'c', 4), key('c', 'b', 5), key('a', '', 1)]))).toBe('acdf');
  });

  test('has each key once, whatever they say that they succeed', () => {
    fc.assert(
      fc.property(rows, (found) => {
        expect(new Set(arrangeLine(found))).toEqual(new Set(found));
        expect(arrangeLine(found)).toHaveLength(found.length);
      }),
    );
  });
});

describe('what the next key succeeds', () => {
  test('is the last in the line, and `` where there is none', () => {
    expect(findPredecessor([], [])).toBe('');
    const line = [key('a', ''), key('b', 'a')];
    expect(findPredecessor(line, line)).toBe('b');
    expect(findPredecessor(line, [...line, key('x', 'y')])).toBe('b');
    expect(findPredecessor(line, [...line, key('x', 'b')])).toBe('x');
    expect(findPredecessor(line, [key('x', 'b'), ...line])).toBe('x');
  });

  test('is free, and nothing else is once it is taken, whatever is in the rows', () => {
    fc.assert(
      fc.property(rows, fc.nat(), (found, some) => {
        const line = found.slice(0, some % (found.length + 1));
        const next = findPredecessor(line, found);
        expect(isPlaceFree(found, next)).toBe(true);
        expect(isPlaceFree([...found, key('new', next)], next)).toBe(false);
      }),
    );
  });

  test('is not one that has left the table, nor the first place while there are keys', () => {
    const left = [key('c', 'b'), key('d', 'c')];
    expect(['', 'b', 'c', 'x'].filter((succeeds) => isPlaceFree(left, succeeds))).toEqual([]);
    expect(isPlaceFree(left, 'd')).toBe(true);
  });
});
