/**
 * Which usernames there may be, and when two of them are the same: UsernameCaseMapped (RFC 8265, 3.3) over the PRECIS
 * IdentifierClass (RFC 8264, whose section numbers stand alone below). Written here: no PRECIS library is kept up on npm.
 */

export type Username = {
  /** As chosen and shown: width-mapped, NFC, case kept. */
  readonly username: string;
  /** The same in lower case: no two accounts share it. */
  readonly key: string;
};

const MAX_CODE_POINTS = 64;

/** NFC makes one code point of at most 4, each of at most 2 UTF-16 units. It takes quadratic time, so length comes first. */
const MAX_INPUT_UNITS = MAX_CODE_POINTS * 4 * 2;

/** Letters and digits (9.1), printable ASCII (9.11), and what 9.6 lets in by name. */
const LET_IN = String.raw`[!-~\p{Lu}\p{Ll}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}\u06FD\u06FE\u0F0B\u3007]`;

/** Left out of them again: the ignorable (9.13), conjoining Hangul jamo (9.9), and what 9.6 refuses by name. */
const LEFT_OUT = String.raw`[\p{Default_Ignorable_Code_Point}\u1100-\u11FF\uA960-\uA97C\uD7B0-\uD7FB\u0640\u07FA\u302E\u302F\u3031-\u3035\u303B]`;

/** Middle dot, keraia, geresh and gershayim, each beside the right neighbour (RFC 5892, A.3 to A.6); katakana middle dot. */
const IN_CONTEXT = String.raw`(?<=[lL])\u00B7(?=[lL])|\u0375(?=\p{Script=Greek})|(?<=\p{Script=Hebrew})[\u05F3\u05F4]|\u30FB`;

const IDENTIFIER = new RegExp(`^(?:[${LET_IN}--${LEFT_OUT}]|${IN_CONTEXT})+$`, 'v');

/**
 * The profile's output for `input`, or null when that is no username: empty, over 64 code points, or with a character
 * that the IdentifierClass refuses. Joiners, being invisible, are refused in every context (RFC 5892, A.1 and A.2).
 *
 * Characters are judged after the mappings, in the order of RFC 8264, 7. RFC 8265, 3.3.2, would judge them before NFC,
 * and so refuse decomposed Hangul and letters that Indic keyboards write. Preparing an output again changes no key.
 */
export function prepareUsername(input: string): Username | null {
  if (input.length > MAX_INPUT_UNITS) return null;
  const username = mapWidth(input).normalize('NFC');
  const key = mapCase(username);
  return conforms(username) && conforms(key) ? { username, key } : null;
}

/** A part of a username, or whatever somebody looks for, in the form of a key. */
export function mapUsername(part: string): string {
  return mapCase(mapWidth(part).normalize('NFC'));
}

/** Other wide and narrow characters map to what the IdentifierClass refuses: they stay as they are, and are refused. */
function mapWidth(text: string): string {
  return text.replace(/[\uFF01-\uFF9F]/g, (character) => character.normalize('NFKC'));
}

function mapCase(text: string): string {
  return text.toLowerCase().normalize('NFC');
}

function conforms(text: string): boolean {
  const hasCompatibilityCharacter = text.normalize('NFKC') !== text; // 9.17
  return (
    Array.from(text).length <= MAX_CODE_POINTS &&
    IDENTIFIER.test(text) &&
    !hasCompatibilityCharacter &&
    keepsContext(text) &&
    keepsBidiRule(text)
  );
}

/** A katakana middle dot needs Japanese around it (RFC 5892, A.7). Mixed Arabic digits (A.8, A.9) fail the Bidi Rule. */
function keepsContext(text: string): boolean {
  return !text.includes('\u30FB') || /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/v.test(text);
}

/** The blocks that Unicode keeps for right-to-left scripts: letters there are R or AL, and so are all digits but these. */
const RTL_BLOCKS = String.raw`[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFF\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]`;
const ARABIC_NUMBER = String.raw`[\u0660-\u0669\u{10D30}-\u{10D39}]`;
const EUROPEAN_NUMBER = String.raw`[0-9\u06F0-\u06F9]`;
const MARK = String.raw`[\p{Mn}&&[\p{Script=Inherited}${RTL_BLOCKS}]]`;
const RTL_LETTER = String.raw`[${RTL_BLOCKS}--[\p{Mn}${ARABIC_NUMBER}${EUROPEAN_NUMBER}]]`;
const RTL_END = `[${RTL_LETTER}${ARABIC_NUMBER}${EUROPEAN_NUMBER}]`;
const RTL_MIDDLE = String.raw`[${RTL_END}${MARK}[[!-~]--[A-Za-z]]]`;

const HAS_RTL = new RegExp(`${RTL_LETTER}|${ARABIC_NUMBER}`, 'v');
const HAS_ARABIC_NUMBER = new RegExp(ARABIC_NUMBER, 'v');
const HAS_EUROPEAN_NUMBER = new RegExp(EUROPEAN_NUMBER, 'v');
const STARTS_RTL = new RegExp(`^${RTL_LETTER}`, 'v');
const READS_RTL = new RegExp(`^${RTL_MIDDLE}*${RTL_END}${MARK}*$`, 'v');

/**
 * The Bidi Rule (RFC 5893, 2), asked only of strings with a right-to-left character. Those must read right to left
 * throughout, since no left-to-right label holds one.
 *
 * JavaScript does not know Bidi_Class, hence the blocks. Where they cannot tell (neutral letters, marks of other
 * scripts) the character counts as left-to-right: stricter than the rule, never laxer.
 */
function keepsBidiRule(text: string): boolean {
  if (!HAS_RTL.test(text)) return true;
  const mixesNumbers = HAS_ARABIC_NUMBER.test(text) && HAS_EUROPEAN_NUMBER.test(text);
  return STARTS_RTL.test(text) && READS_RTL.test(text) && !mixesNumbers;
}
