import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { nameRow } from '../../../src/database/transfer/odd-row.ts';

const table = { name: 'revoked_tokens', key: ['jti'] } as const;
const conditionOf = (jti: unknown) => nameRow(table, { jti }).replace('the row of revoked_tokens whose jti ', '');

/** Whether SQLite finds `value` where somebody writes what is said of it. */
function isFound(value: string, condition: string): boolean {
  const database = new DatabaseSync(':memory:');
  database.exec('create table revoked_tokens (jti text)');
  database.prepare('insert into revoked_tokens values (?)').run(value);
  const where = condition.startsWith('is ')
    ? `cast(jti as blob) ${condition.replace("is '", "is cast('").replace(/(cast\(.*)$/, '$1 as blob)')}`
    : `hex(jti) like '${condition.replace("begins with x'", '').toUpperCase().replace("'", "%'")}`;
  return database.prepare(`select 1 from revoked_tokens where ${where}`).all().length === 1;
}

describe('a row is named by its key', () => {
  test.each([
    ['a text', 'a', `is 'a'`],
    ['a quote, which would end the text elsewhere', `' or 1=1 --`, `is ''' or 1=1 --'`],
    ['a line break, by its bytes', 'a\nb', `is x'610a62'`],
    ['what a line break is shown as', '\\u000a', `is '\\u000a'`],
    ['a turn of direction', 'a\u202Eb', `is x'61e280ae62'`],
  ])('%s, and found by that', (_, value, condition) => {
    expect(conditionOf(value)).toBe(condition);
    expect(isFound(value, condition)).toBe(true);
  });

  test('by the first hundred characters or bytes where it is longer, and never by half a character', () => {
    expect(conditionOf('a'.repeat(100))).toBe(`is '${'a'.repeat(100)}'`);
    expect(conditionOf(`${'a'.repeat(99)}bc`)).toBe(`begins with '${'a'.repeat(99)}b'`);
    expect(conditionOf(`${'a'.repeat(99)}😀`)).toBe(`begins with '${'a'.repeat(99)}'`);
    expect(conditionOf(Buffer.alloc(101, 1))).toBe(`begins with x'${'01'.repeat(100)}'`);
    const long = `\n${'a'.repeat(200)}`;
    expect(isFound(long, conditionOf(long))).toBe(true);
  });

  test('a number, and what is none', () => {
    expect([3, 9_007_199_254_740_993n, null].map(conditionOf)).toEqual(['is 3', 'is 9007199254740993', 'is null']);
  });
});
