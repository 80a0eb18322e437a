import fc from '../../support/property.ts';
import { describe, expect, it } from 'vitest';
import { hashSecret, newSecret } from '../../../src/secret.ts';
import { openSuccessor, sealSuccessor } from '../../../src/tokens/successor.ts';

const [token, successor] = [newSecret('trt_'), newSecret('trt_')];

describe('a sealed successor', () => {
  it('is opened by the token before it', () => {
    expect(openSuccessor(token, sealSuccessor(token, successor))).toBe(successor);
  });

  it('is opened by nothing else, such as what the database knows of that token', () => {
    const sealed = sealSuccessor(token, successor);
    for (const other of [hashSecret(token), successor, newSecret('trt_'), token.slice(4), `${token} `, ''])
      expect(openSuccessor(other, sealed)).toBeUndefined();
  });

  it('shows nothing of either token, and is another one each time', () => {
    const sealed = Array.from({ length: 100 }, () => sealSuccessor(token, successor));
    expect(new Set(sealed).size).toBe(100);
    expect(new Set(sealed.map((each) => each.split('.')[1])).size).toBe(100);
    const inside = Buffer.from(sealed[0]?.split('.')[2] ?? '', 'base64url').toString('latin1');
    for (const text of [...sealed, inside])
      for (const secret of [token, successor]) expect(text).not.toContain(secret.slice(4, 12));
  });

  it('is opened only as it was sealed, whichever bit is another', () => {
    const sealed = sealSuccessor(token, successor);
    const [version = '', iv = '', body = ''] = sealed.split('.');
    const flip = (part: string, bit: number) => {
      const bytes = Buffer.from(part, 'base64url');
      const at = bit % (bytes.length * 8);
      bytes.writeUInt8(bytes.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3);
      return bytes.toString('base64url');
    };
    fc.assert(
      fc.property(fc.nat(10_000), (bit) => {
        expect(openSuccessor(token, [version, flip(iv, bit), body].join('.'))).toBeUndefined();
        expect(openSuccessor(token, [version, iv, flip(body, bit)].join('.'))).toBeUndefined();
      }),
    );
  });

  it('is not found in anything that is not in its format', () => {
    const sealed = sealSuccessor(token, successor);
    for (const text of ['', 'v1', 'v1..', sealed.replace('v1', 'v2'), sealed.slice(0, 40), `${sealed}.x`, ` ${sealed}`])
      expect(openSuccessor(token, text)).toBeUndefined();
  });
});
