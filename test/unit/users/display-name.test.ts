import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from '../../support/property.ts';
import { describe, expect, it } from 'vitest';
import { isDisplayName } from '../../../src/users/display-name.ts';

const contract = JSON.parse(
  await readFile(new URL('../../../src/generated/contract.json', import.meta.url), 'utf8'),
) as object;
const ajv = new Ajv2020({ strict: false, validateSchema: false });
ajv.addSchema({ ...contract, $id: 'contract' });
const fitsContract = ajv.compile({ $ref: 'contract#/components/schemas/DisplayName' });

describe('isDisplayName', () => {
  it('takes what people are called, up to 200 characters, whichever they are', () => {
    for (const name of ['x', ' ', 'Ada Lovelace', 'Ærøskøbing', '山田 太郎', '👩‍💻', 'x'.repeat(200), '💻'.repeat(200)])
      expect({ name, is: isDisplayName(name) }).toEqual({ name, is: true });
  });

  it('refuses nothing at all, and too much', () => {
    for (const name of ['', 'x'.repeat(201), '💻'.repeat(201), 'x'.repeat(5000)])
      expect({ name, is: isDisplayName(name) }).toEqual({ name, is: false });
  });

  it('refuses a control character or a line separator wherever it stands, and says as much as the contract', () => {
    const codes = Array.from({ length: 0x2100 }, (_, code) => code);
    for (const code of codes) {
      const name = `a${String.fromCharCode(code)}b`;
      const isRefused = code < 0x20 || (code >= 0x7f && code <= 0x9f) || code === 0x2028 || code === 0x2029;
      expect({ code, is: isDisplayName(name) }).toEqual({ code, is: !isRefused });
      expect({ code, is: fitsContract(name) }).toEqual({ code, is: !isRefused });
    }
  });

  it('is the rule of the contract for any text', () => {
    const text = fc.string({ unit: 'binary', maxLength: 220, size: 'max' });
    fc.assert(
      fc.property(text, (name) => {
        expect(isDisplayName(name)).toBe(fitsContract(name));
      }),
    );
  });
});
