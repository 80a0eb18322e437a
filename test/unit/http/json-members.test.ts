import fc from '../../support/property.ts';
import { describe, expect, it } from 'vitest';
import { findRepeatedMember } from '../../../src/http/request/json-members.ts';

describe('a member that an object has twice', () => {
  const repeated: [json: string, pointer: string][] = [
    ['{"a":1,"a":2}', '/body/a'],
    ['{"a":1,"a":1}', '/body/a'],
    ['{"a":null,"b":1,"a":null}', '/body/a'],
    ['{"a":1,"\\u0061":2}', '/body/a'],
    ['{"":1,"":2}', '/body/'],
    ['{ "a" : 1 , "a"\n\t\r : 2 }', '/body/a'],
    ['{"a\\"":1,"a\\"":2}', '/body/a"'],
    ['{"a\\\\":1,"a\\\\":2}', '/body/a\\'],
    ['{"a/b~c":1,"a/b~c":2}', '/body/a~1b~0c'],
    ['{"__proto__":1,"__proto__":2}', '/body/__proto__'],
    ['{"constructor":1,"constructor":2}', '/body/constructor'],
    ['{"a":{"b":1,"b":2}}', '/body/a/b'],
    ['[0,{"a":[[],{"b":1,"c":[],"b":2}]}]', '/body/1/a/1/b'],
    ['{"a":"{","a":"}"}', '/body/a'],
    ['{"a":{"b":1,"b":2},"a":0}', '/body/a/b'],
    ['{"a":{"\\ud800":{"b":1,"b":2}},"a":0}', '/body/a/\uFFFD/b'],
  ];

  it.each(repeated)(
    'is found, however it is written and wherever it stands: %s [HOSTILE/members-twice]',
    (json, pointer) => {
      expect(JSON.parse(json)).toBeDefined();
      expect(findRepeatedMember(json)).toBe(pointer);
    },
  );

  it('is found under ten thousand lists, in time that grows no faster than the text', () => {
    const deep = '{"a":['.repeat(10_000) + '{"b":1,"b":2}' + ']}'.repeat(10_000);
    const pointer = findRepeatedMember(deep) ?? '';
    expect(pointer.startsWith('/body/a/0/a/0/')).toBe(true);
    expect(pointer.length).toBeLessThanOrEqual(200);
    expect(findRepeatedMember('{"a":["'.padEnd(1_000_000, '\\\\') + '"]}')).toBeUndefined();
  });
});

describe('a member whose name stands elsewhere, too', () => {
  it.each([
    '{"a":"a","b":"a"}',
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":2}]',
    '{"a":["a","a","a:"]}',
    '{"a":"\\"a\\":1,\\"a\\":2"}',
    '{"a":1,"A":2,"a ":3}',
    '{"toString":1,"valueOf":2,"hasOwnProperty":3}',
    '["a","a"]',
    '"a"',
    '1',
  ])('is not there twice: %s', (json) => {
    expect(findRepeatedMember(json)).toBeUndefined();
  });

  it('is never found twice in what JSON.stringify writes, however that is spaced', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('', ' ', '\t', '\n'), (value, space) => {
        expect(findRepeatedMember(JSON.stringify(value, null, space))).toBeUndefined();
      }),
    );
  });

  it('is found again wherever it is put in once more', () => {
    const json = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 });
    fc.assert(
      fc.property(json, fc.nat(), fc.jsonValue(), (object, at, value) => {
        const name = Object.keys(object)[at % Object.keys(object).length] ?? '';
        const more = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
        const text = JSON.stringify(object);
        expect(findRepeatedMember(`{${more},${text.slice(1)}`)).toBeDefined();
        expect(findRepeatedMember(`${text.slice(0, -1)},${more}}`)).toBeDefined();
        expect(findRepeatedMember(`{"outer":[${text.slice(0, -1)},${more}}]}`)).toBeDefined();
      }),
    );
  });
});
