export const databaseUrlExpected = 'sqlite: and a file name, or postgres://user:password@host:5432/database';

/** Parameters, a user with a password, and a password by its name. */
const moreThanAFile = /[?;]|:[^/\\]*@|(?<!\/)\/\/[^/].*@|\b(?:pass\w*|pwd|key)\s*=/i;

/**
 * Whether this has the form of a URL of a database. The name of a file that has the look of more is none: it would be shown
 * wherever the file is named, password and all.
 */
export function isDatabaseUrl(text: string): boolean {
  const [, file] = /^sqlite:(.+)$/.exec(text) ?? [];
  return file === undefined ? /^postgres(?:ql)?:\/\/.*$/.test(text) : !moreThanAFile.test(file);
}
