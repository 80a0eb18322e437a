import fc from '../../support/property.ts';
import { describe, expect, it } from 'vitest';
import { parseTraceparent } from '../../../src/telemetry/trace-context.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';
const usual = `00-${traceId}-${parentId}-01`;

describe('traceparent', () => {
  it('says the trace, who asked within it, and whether it is kept', () => {
    expect(parseTraceparent(usual)).toEqual({ traceId, parentId, flags: 1 });
    expect(parseTraceparent(`00-${traceId}-${parentId}-00`)).toMatchObject({ flags: 0 });
  });

  it('may be of a version to come, which may say more', () => {
    expect(parseTraceparent(`01-${traceId}-${parentId}-01`)).toMatchObject({ traceId });
    expect(parseTraceparent(`cc-${traceId}-${parentId}-01-what-the-future-will-be-like`)).toMatchObject({ traceId });
  });

  it.each([
    ['no header', undefined],
    ['an empty one', ''],
    ['version ff', `ff-${traceId}-${parentId}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${parentId}-01`],
    ['a parent of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['capitals', usual.toUpperCase()],
    ['more than version 00 has', `${usual}-more`],
    ['more without a dash', `01-${traceId}-${parentId}-01x`],
    ['two of them', `${usual}, ${usual}`],
    ['a space', ` ${usual}`],
    ['a line feed', `${usual}\n`],
    ['a short trace', `00-${traceId.slice(1)}-${parentId}-01`],
    ['a long parent', `00-${traceId}-${parentId}0-01`],
    ['letters that are no digits', `00-${traceId.replace('0', 'g')}-${parentId}-01`],
    ['a version of one digit', usual.slice(1)],
    ['far too much', `01-${traceId}-${parentId}-01-${'x'.repeat(5000)}`],
  ])('is none with %s', (_, header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });

  it('gives out nothing but hexadecimal digits, whatever was sent', () => {
    const part = fc.oneof(fc.string(), fc.constantFrom(traceId, parentId, '00', '01', 'ff', '-'));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const parsed = parseTraceparent(parts.join('-'));
        if (parsed === undefined) return;
        expect(parsed.traceId).toMatch(/^[0-9a-f]{32}$/);
        expect(parsed.parentId).toMatch(/^[0-9a-f]{16}$/);
      }),
    );
  });
});
