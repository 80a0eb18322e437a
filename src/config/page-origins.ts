/** Origins of pages, in the spelling in which browsers send them, since they are compared as text. */

export const pageOriginsExpected =
  'origins of pages, separated by commas: https://app.example.com,http://localhost:3000';

/** What means the same origin to a browser is taken for it. Throws a RangeError that says what is wrong, without passwords. */
export function parsePageOrigins(list: string): readonly string[] {
  return list.split(',').map((each) => parsePageOrigin(each.trim()));
}

function parsePageOrigin(text: string): string {
  if (text === '') throw new RangeError('there is nothing between two commas, or behind the last');
  if (text.includes('*'))
    throw new RangeError('* would let in pages that nobody has named: list each origin by itself');
  if (/^null$/i.test(text)) throw new RangeError('null is what pages of no origin send, whoever made them');
  if (text.includes('@')) throw new RangeError('one of them has a name or a password in it, which no origin has');
  const url = /^https?:\/\/[^\s"'\\]+$/i.test(text) ? URL.parse(text) : null;
  if (url === null) throw new RangeError(`${JSON.stringify(text)} is no origin of http or https`);
  const { origin, href } = url;
  if (href !== `${origin}/`) throw new RangeError(`${JSON.stringify(text)} is more than an origin: write ${origin}`);
  return origin;
}
