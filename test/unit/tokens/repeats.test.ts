import { describe, expect, it } from 'vitest';
import { type Repeats, afterRotations, forgiveRepeat, noRepeats } from '../../../src/tokens/repeats.ts';

const issuedAt = 1000;
const now = 1005;

/** What is remembered when these of the last rotations were repeated from another network: 0 is the last one. */
function elsewhere(...rotations: number[]): Repeats {
  const bits = rotations.reduce((sum, back) => sum + 2 ** back, 0);
  return { elsewhere: bits, countedTo: bits === 0 ? null : issuedAt, toldAt: now };
}

function repeat(repeats: Repeats, from: string | null = '198.51.100.7', before: string | null = '192.0.2.1') {
  return forgiveRepeat(repeats, { source: { address: from }, before: { address: before }, issuedAt, now });
}

describe('a repeat', () => {
  it.each([
    ['the same address', '192.0.2.1', '192.0.2.1', false],
    ['the same 24 bits of IPv4', '192.0.2.1', '192.0.2.254', false],
    ['24 other bits of IPv4', '192.0.2.1', '192.0.3.1', true],
    ['the same 64 bits of IPv6', '2001:db8:1:2::1', '2001:db8:1:2:ffff::9', false],
    ['64 other bits of IPv6', '2001:db8:1:2::1', '2001:db8:1:3::1', true],
    ['IPv4 within IPv6', '192.0.2.1', '::ffff:192.0.2.9', false],
    ['IPv6 after IPv4', '192.0.2.1', '2001:db8::1', true],
    ['an address that is not known, twice', null, null, false],
    ['an address that is not known after one that is', '192.0.2.1', null, true],
    ['an address that is known after one that is not', null, '192.0.2.1', true],
  ])('from %s', (_, before, from, isElsewhere) => {
    expect(repeat(noRepeats, from, before)?.isElsewhere).toBe(isElsewhere);
    // What has been remembered makes it no other network, and none the same.
    expect(repeat(elsewhere(1, 2), from, before) === null).toBe(isElsewhere);
  });

  it.each<[string, Repeats, Repeats | null]>([
    ['the first of all', noRepeats, elsewhere(0)],
    ['another of a rotation that was repeated already', elsewhere(0), elsewhere(0)],
    ['the second of the last ten', elsewhere(9), elsewhere(0, 9)],
    ['another of the second', elsewhere(0, 1), elsewhere(0, 1)],
    ['the third of the last ten', elsewhere(1, 9), null],
    ['the third in a row', elsewhere(1, 2), null],
  ])('from another network that is %s', (_, before, after) => {
    expect(repeat(before)?.repeats.elsewhere).toBe(after?.elsewhere);
    expect(repeat(before) === null).toBe(after === null);
  });

  it('from the same network is forgiven whatever is remembered, and changes none of it', () => {
    for (const before of [noRepeats, elsewhere(0), elsewhere(0, 1), elsewhere(3, 9)]) {
      const after = repeat(before, '192.0.2.9')?.repeats;
      expect(after).toEqual({ ...before, toldAt: now });
    }
  });

  it.each([
    [null, true],
    [now - 3600, true],
    [now - 3599, false],
    [now, false],
    // By the clock of another replica.
    [now + 20, false],
  ])('from the same network, after an event of such a one at %s, is told: %s', (toldAt, isTold) => {
    const forgiven = repeat({ ...elsewhere(0, 3), toldAt }, '192.0.2.9');
    expect(forgiven).toMatchObject({ isTold, repeats: { toldAt: isTold ? now : toldAt } });
  });

  it.each([
    ['the first of all', noRepeats, true],
    ['the first of a rotation', elsewhere(1), true],
    ['another of the same rotation', elsewhere(0, 1), false],
  ])('from another network that is %s is told whatever else was, and once', (_, before, isTold) => {
    for (const toldAt of [null, now - 3600, now]) {
      const forgiven = repeat({ ...before, toldAt });
      // An hour without events of the same network begins with one of those alone.
      expect(forgiven).toMatchObject({ isTold, repeats: { toldAt } });
    }
  });

  it('is remembered together with the rotation that it was of', () => {
    expect(repeat(noRepeats)?.repeats).toEqual({ elsewhere: 1, countedTo: issuedAt, toldAt: null });
  });
});

describe('what is remembered after rotations', () => {
  it('is older by as many, and forgotten after ten', () => {
    let repeats: Repeats = { ...elsewhere(0, 3), toldAt: 7 };
    for (let rotations = 1; rotations < 10; rotations += 1) {
      repeats = afterRotations(repeats, 1, 2000 + rotations);
      const left = [rotations, rotations + 3].filter((back) => back < 10);
      expect(repeats).toEqual({ ...elsewhere(...left), countedTo: 2000 + rotations, toldAt: 7 });
      expect(afterRotations(elsewhere(0, 3), rotations, 9)).toEqual({ ...elsewhere(...left), countedTo: 9 });
    }
    expect(afterRotations(repeats, 1, 3000)).toEqual({ ...noRepeats, toldAt: 7 });
    for (const many of [10, 11, 32, 33, 1000])
      expect(afterRotations(elsewhere(0), many, 3000)).toEqual({ ...noRepeats, toldAt: now });
  });

  it('is nothing where there was nothing', () => {
    expect(afterRotations(noRepeats, 1, 3000)).toEqual(noRepeats);
  });
});
