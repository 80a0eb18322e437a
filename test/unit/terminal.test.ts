import { describe, expect, it } from 'vitest';
import { printable, printableJson } from '../../src/terminal.ts';
import fc from '../support/property.ts';

const controls = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/** Texts in which control characters are as frequent as others. */
const texts = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0xa0 }).map((code) => String.fromCodePoint(code)),
    fc.constantFrom(
      '\u061C',
      '\u200E',
      '\u200F',
      '\u2028',
      '\u2029',
      '\u202A',
      '\u202E',
      '\u2066',
      '\u2069',
      '\\',
      'é',
      '😀',
    ),
  ),
});

describe('what is to be shown at a terminal', () => {
  it('has no control characters left, and is otherwise as it was', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const shown = printable(text);
        expect(shown).not.toMatch(controls);
        expect(printable(shown)).toBe(shown);
        if (!controls.test(text)) expect(shown).toBe(text);
      }),
    );
  });

  it('means the same in JSON, and read by one who then prints it, what people are shown', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const line = `${JSON.stringify({ [text]: [text] })}\n`;
        const json = printableJson(line);
        expect(json.slice(0, -1)).not.toMatch(controls);
        expect(json.endsWith('\n')).toBe(true);
        expect(JSON.parse(json)).toEqual({ [text]: [text] });
        const read = JSON.parse(printableJson(line, '\\\\')) as Record<string, string[]>;
        for (const each of Object.entries(read).flat(2)) expect(printable(each)).toBe(printable(text));
      }),
    );
  });
});
