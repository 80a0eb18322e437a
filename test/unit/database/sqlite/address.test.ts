import { describe, expect, it } from 'vitest';
import { UnusableDatabase, openDatabase } from '../../../../src/database/open.ts';
import { fileOf } from '../../../../src/database/sqlite/address.ts';

describe('a URL of SQLite', () => {
  it.each([
    ['sqlite:data/tessera.db', 'data/tessera.db'],
    ['sqlite:./data/tessera.db', './data/tessera.db'],
    ['sqlite:../tessera.db', '../tessera.db'],
    ['sqlite:/var/lib/tessera.db', '/var/lib/tessera.db'],
    ['sqlite:my file: 100%20 #1.db', 'my file: 100%20 #1.db'],
    ['sqlite:~tessera.db', '~tessera.db'],
    // As SQLAlchemy and its like write them. A relative path is relative to everybody.
    ['sqlite:///./test.db', './test.db'],
    ['sqlite:///../test.db', '../test.db'],
    ['sqlite://./data/test.db', './data/test.db'],
    ['sqlite:////var/lib/tessera.db', '/var/lib/tessera.db'],
  ])('%s is the file %s', (url, file) => {
    expect(fileOf(url)).toBe(file);
  });
});

const inMemory =
  'it names a database in memory, which would be another for each process, and gone with it: it must name a file';
const ambiguous = (path: string) =>
  `it is a relative path to some programs, and an absolute one to others: it must be sqlite:${path} or sqlite:/${path}`;

const refused: Record<string, string> = {
  'sqlite:': 'it names no file',
  'sqlite://': 'it names no file',
  'sqlite:///': 'it names no file',
  'sqlite::memory:': inMemory,
  'sqlite://:memory:': inMemory,
  'sqlite:///:memory:': inMemory,
  'sqlite:file::memory:?cache=shared': inMemory,
  'sqlite:test.db?mode=memory': inMemory,
  'sqlite:test.db?_fk=true': 'it has parameters (?…), of which there are none here: it must be sqlite:FILE',
  'sqlite:///./test.db?timeout=5': 'it has parameters (?…), of which there are none here: it must be sqlite:FILE',
  'sqlite:file:test.db': 'it is one URL in another: it must be sqlite:FILE',
  'sqlite:///file:test.db': 'it is one URL in another: it must be sqlite:FILE',
  'sqlite://test.db': ambiguous('test.db'),
  'sqlite:///test.db': ambiguous('test.db'),
  'sqlite:///var/lib/tessera.db': ambiguous('var/lib/tessera.db'),
  'sqlite://localhost/var/lib/tessera.db': ambiguous('localhost/var/lib/tessera.db'),
  'sqlite:~/tessera.db': 'it begins with ~, which only a shell takes for a home: the path must be written out',
  'sqlite:~': 'it begins with ~, which only a shell takes for a home: the path must be written out',
  'sqlite:///~/tessera.db': 'it begins with ~, which only a shell takes for a home: the path must be written out',
};

describe('a URL of SQLite that means something else to others, or nothing here,', () => {
  it.each(Object.entries(refused))('is refused, and makes no file: %s: %s', async (url, reason) => {
    expect(() => fileOf(url)).toThrow(new RangeError(reason));
    const opening = openDatabase(url);
    await expect(opening).rejects.toThrow(UnusableDatabase);
    await expect(opening).rejects.toThrow(`The URL of a database cannot be used: ${reason}`);
  });
});
