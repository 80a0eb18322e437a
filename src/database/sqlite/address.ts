/** A user with a password, and a password by its name. */
const moreThanAFile = /;|(?<!^[a-z]):.*@|(?<!\/)\/\/[^/].*@|\b(?:pass\w*|pwd|key)\s*=/i;

/**
 * The file that `sqlite:FILE` names. Programs differ in what else may stand in such a URL: what means one file to all of them
 * is taken, and the rest is a `RangeError` that says what is wrong and quotes no more than the path.
 */
export function fileOf(url: string): string {
  const text = url.slice('sqlite:'.length);
  const [, slashes = '', path = ''] = /^(\/*)(.*)$/s.exec(text) ?? [];
  if (path === '') throw new RangeError('it names no file');
  // SQLite itself would not look for a file of such a name.
  if (/:memory:|[?&]mode=memory/i.test(text))
    throw new RangeError(
      'it names a database in memory, which would be another for each process, and gone with it: it must name a file',
    );
  if (path.includes('?'))
    throw new RangeError('it has parameters (?…), of which there are none here: it must be sqlite:FILE');
  // It would be shown wherever the file is named, password and all.
  if (moreThanAFile.test(text)) throw new RangeError('it has a user, a password or a key in it, which no file has');
  if (/^file:/i.test(path)) throw new RangeError('it is one URL in another: it must be sqlite:FILE');
  if (/^~(?:\/|$)/.test(path))
    throw new RangeError('it begins with ~, which only a shell takes for a home: the path must be written out');
  if (slashes.length < 2) return text;
  // The path of such a URL begins behind three slashes, so that four make it absolute.
  if (slashes.length > 3) return `/${path}`;
  if (/^\.{1,2}\//.test(path)) return path;
  throw new RangeError(
    `it is a relative path to some programs, and an absolute one to others: it must be sqlite:${path} or sqlite:/${path}`,
  );
}
