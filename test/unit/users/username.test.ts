import fc, { cases } from '../../support/property.ts';
import { describe, expect, test } from 'vitest';
import { prepareUsername } from '../../../src/users/username.ts';

/** Any UTF-16, lone surrogates included. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.array(fc.nat(0xffff), { maxLength: 80 }).map((units) => String.fromCharCode(...units)),
);

/** Text of few alphabets, so that much of it is accepted. */
const nameLike = fc
  .constantFrom(
    'aZ09_.-@üÉßłŞİıǆΣςσΆжЯԱև',
    'אבש\u05B70-.١٢۳ابپ\u064B',
    'カﾞｶーあ漢字・가각Ａｚ１',
    'eEoAsS\u0301\u0307\u0327\u0345\u212A\u212B',
  )
  .chain((alphabet) => fc.string({ unit: fc.constantFrom(...Array.from(alphabet)) }));

describe('the examples of RFC 8265, 3.6', () => {
  test.each([
    ['juliet@example.com', 'juliet@example.com'],
    ['fussball', 'fussball'],
    ['fußball', 'fußball'],
    ['π', 'π'],
    ['Σ', 'σ'],
    ['σ', 'σ'],
    ['ς', 'ς'],
  ])('accept %s', (input, key) => {
    expect(prepareUsername(input)).toEqual({ username: input, key });
  });

  test.each(['foo bar', '', 'henryⅣ', '♚'])('refuse <%s>', (input) => {
    expect(prepareUsername(input)).toBeNull();
  });
});

describe('the mappings', () => {
  test.each([
    ['fullwidth letters become ASCII', 'Ｊuliet９', 'Juliet9', 'juliet9'],
    ['halfwidth katakana becomes katakana, and composes', 'ｶﾞﾝﾏ', 'ガンマ', 'ガンマ'],
    ['a decomposed accent composes', 'Zoe\u0308', 'Zoë', 'zoë'],
    ['decomposed Hangul composes', '\u1100\u1161\u11A8', '각', '각'],
    ['an accent composes in lower case alone', 'J\u030Ca', 'J\u030Ca', 'ǰa'],
    ['the Angstrom sign is a letter', '\u212Bngstrom', 'Ångstrom', 'ångstrom'],
    ['a Bengali letter that NFC takes apart is accepted', 'জ\u09DF', 'জ\u09AF\u09BC', 'জ\u09AF\u09BC'],
    ['a final sigma stays final', 'ΓΙΩΡΓΟΣ', 'ΓΙΩΡΓΟΣ', 'γιωργος'],
    ['Cherokee is lower case too', 'ᎠᎡ', 'ᎠᎡ', 'ꭰꭱ'],
    ['Adlam is lower case too', '𞤀𞤁', '𞤀𞤁', '𞤢𞤣'],
    ['the dot of a Turkish capital I stays', 'İnci', 'İnci', 'i\u0307nci'],
  ])('%s', (_, input, username, key) => {
    expect(prepareUsername(input)).toEqual({ username, key });
  });
});

describe('the IdentifierClass', () => {
  test('accepts all of printable ASCII but the space', () => {
    const printable = Array.from({ length: 0x7f - 0x21 }, (_, i) => String.fromCharCode(0x21 + i));
    expect(printable.filter((character) => prepareUsername(character) === null)).toEqual([]);
  });

  test.each(['José', 'Ωμέγα', 'Жанна', 'ابراهيم', 'שרה', 'สมชาย', 'अनिल', '山田太郎', 'ひろし', '김철수', '𞤀𞤁'])(
    'accepts the letters of %s',
    (name) => {
      expect(prepareUsername(name)?.username).toBe(name);
    },
  );

  test.each([
    ['a control character', '\u0000'],
    ['a line break', '\n'],
    ['delete', '\u007F'],
    ['a no-break space', '\u00A0'],
    ['an ideographic space', '\u3000'],
    ['a ligature', 'ﬁ'],
    ['a superscript', '²'],
    ['a titlecase digraph', 'ǅ'],
    ['an uppercase letter that exists for compatibility only', '\u03F4'],
    ['a currency sign', '€'],
    ['an emoji', '🙂'],
    ['a soft hyphen', '\u00AD'],
    ['a zero-width space', '\u200B'],
    ['a variation selector', '\uFE0F'],
    ['a direction override', '\u202E'],
    ['a tag character', '\u{E0061}'],
    ['a joiner', '\u200D'],
    ['a non-joiner', '\u200C'],
    ['a byte order mark', '\uFEFF'],
    ['a lone jamo', '\u1100'],
    ['an old jamo that composes with nothing', '\uA960'],
    ['a halfwidth jamo', '\uFFA1'],
    ['halfwidth jamo that would compose', '\uFFA1\uFFC2'],
    ['an Arabic tatweel', '\u0640'],
    ['a Hangul tone mark', '\u302E'],
    ['a letter number', '\u16EE'],
    ['an enclosing mark', '\u0488'],
    ['a private use character', '\uE000'],
    ['an unassigned code point', '\u0378'],
    ['a noncharacter', '\uFFFF'],
    ['a lone high surrogate', '\uD83D'],
    ['a lone low surrogate', '\uDE42'],
  ])('refuses %s', (_, character) => {
    expect([character, `a${character}`, `${character}b`, `a${character}b`].map(prepareUsername)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  test('accepts by name what its category would refuse', () => {
    expect(['\u06FD', '\u06FE', '\u0F0B', '\u3007'].map((character) => prepareUsername(character)?.key)).toEqual([
      '\u06FD',
      '\u06FE',
      '\u0F0B',
      '\u3007',
    ]);
  });
});

describe('the contextual rules of RFC 5892', () => {
  test.each(['col·lega', 'COL·LEGA', '͵α', '͵͵α', 'ש׳', 'ש״ש', 'カ・a', 'あ・', '漢・', 'ا١٢', 'ا۱۲'])(
    'accept %s',
    (input) => {
      expect(prepareUsername(input)?.username).toBe(input);
    },
  );

  test.each(['a·b', 'l·', '·l', 'l·a', '͵', '͵a', 'α͵', '׳', '״ש', '・', 'a・b', '・ー', 'ا١۲'])(
    'refuse %s',
    (input) => {
      expect(prepareUsername(input)).toBeNull();
    },
  );
});

describe('the Bidi Rule of RFC 5893', () => {
  test.each(['שרה', 'שרה2', 'שרה_רות', 'שרה-1', 'שַ', 'ש\uFB1E', 'a\u05B7b', '_joe', '9lives', 'ߞ߁'])(
    'accepts %s',
    (input) => {
      expect(prepareUsername(input)?.username).toBe(input);
    },
  );

  test.each([
    ['a Latin letter after Hebrew', 'שc'],
    ['a Latin letter before Hebrew', 'cש'],
    ['a Latin letter within Hebrew', 'שcש'],
    ['a capital within Arabic', 'اAا'],
    ['a Latin letter before Cypriot', 'c\u{10800}'],
    ['a Latin letter after Adlam', '𞤀c'],
    ['a digit first', '2שרה'],
    ['Arabic digits alone', '١٢'],
    ['a mark first', '\u05B7ש'],
    ['punctuation first', '_שרה'],
    ['punctuation last', 'שרה_'],
    ['punctuation last, but for a mark', 'שרה_\u05B7'],
    ['European and Arabic digits', 'ا1١'],
    ['an Arabic digit in Latin text', 'a١'],
    ['a sign that counts as left-to-right', 'ש\u0CBF'],
  ])('refuses %s', (_, input) => {
    expect(prepareUsername(input)).toBeNull();
  });
});

describe('the length', () => {
  test.each([
    ['64 ASCII characters', 'a'.repeat(64), 64],
    ['64 characters outside the basic plane', '𞤀'.repeat(64), 64],
    ['64 characters given decomposed', '\u03B1\u0313\u0300\u0345'.repeat(64), 64],
  ])('may be %s', (_, input, length) => {
    expect(Array.from(prepareUsername(input)?.username ?? '')).toHaveLength(length);
  });

  test.each([
    ['65 ASCII characters', 'a'.repeat(65)],
    ['65 characters outside the basic plane', '𞤀'.repeat(65)],
    ['64 characters whose lower case is longer', 'İ'.repeat(64)],
    ['a million combining marks', 'a' + '\u0315\u0316'.repeat(500_000)],
  ])('may not be %s', (_, input) => {
    expect(prepareUsername(input)).toBeNull();
  });
});

describe('for any text', () => {
  test('nothing throws, and what is accepted is well-formed, normal and bounded', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, nameLike), (input) => {
        const prepared = prepareUsername(input);
        for (const text of prepared === null ? [] : [prepared.username, prepared.key]) {
          expect(text.isWellFormed()).toBe(true);
          expect(text.normalize('NFKC')).toBe(text);
          expect(text).not.toMatch(/[\p{C}\p{Z}]/u);
          expect(Array.from(text).length).toBeGreaterThan(0);
          expect(Array.from(text).length).toBeLessThanOrEqual(64);
        }
      }),
      { numRuns: cases(3000) },
    );
  });

  test('preparing again changes nothing', () => {
    fc.assert(
      fc.property(nameLike, (input) => {
        const prepared = prepareUsername(input);
        fc.pre(prepared !== null);
        const { username, key } = prepared;
        expect(prepareUsername(username)).toEqual(prepared);
        expect(prepareUsername(key)).toEqual({ username: key, key });
      }),
      { numRuns: cases(2000) },
    );
  });

  test('preparing the key of any one character again changes nothing', () => {
    const characters = Array.from({ length: 0x110000 }, (_, codePoint) => String.fromCodePoint(codePoint));
    const keys = characters.flatMap((character) => prepareUsername(character)?.key ?? []);
    expect(keys.length).toBeGreaterThan(130_000);
    expect(keys.filter((key) => prepareUsername(key)?.key !== key)).toEqual([]);
  });

  test('composed and decomposed spellings have one key', () => {
    fc.assert(
      fc.property(nameLike, (input) => {
        const prepared = prepareUsername(input);
        fc.pre(prepared !== null);
        expect(prepareUsername(input.normalize('NFD'))).toEqual(prepared);
      }),
      { numRuns: cases(2000) },
    );
  });

  test('letters in either case have one key', () => {
    const cased = Array.from('abcxyzåéñøþčłşžāабвяёєґαβωάἀἠաբꭰ𐐨'.normalize('NFC'));
    const inEitherCase = fc.array(fc.tuple(fc.constantFrom(...cased), fc.boolean()), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(inEitherCase, (letters) => {
        const lower = letters.map(([letter]) => letter).join('');
        const mixed = letters.map(([letter, isUpper]) => (isUpper ? letter.toUpperCase() : letter)).join('');
        expect(prepareUsername(mixed)?.key).toBe(lower);
      }),
    );
  });
});
