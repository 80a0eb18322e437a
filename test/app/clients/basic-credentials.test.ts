import fc from '../../support/property.ts';
import { describe, expect, it } from 'vitest';
import { namesNoClient, parseBasicCredentials } from '../../../src/clients/basic-credentials.ts';
import { basic, basicHeader } from '../../support/oauth.ts';

/** Any text that UTF-8 can carry, with many of the characters that the encodings care about. */
const text = fc.string({
  unit: fc.oneof(fc.constantFrom(' ', '+', '%', ':', '&', '=', '"'), fc.string({ unit: 'binary', maxLength: 1 })),
});

describe('parseBasicCredentials', () => {
  it('reads back whatever was form-encoded and joined (RFC 6749, 2.3.1) [RFC6749-2.3.1/basic]', () => {
    fc.assert(
      fc.property(text, text, (id, secret) => {
        expect(parseBasicCredentials(basic({ client_id: id, client_secret: secret }))).toEqual({ id, secret });
      }),
    );
  });

  it('reads or refuses any bytes, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const read = parseBasicCredentials(basicHeader(bytes));
        if (read !== undefined) expect(Buffer.from(bytes).includes(':')).toBe(true);
      }),
    );
  });

  it('refuses what is not UTF-8', () => {
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf]])
      expect(parseBasicCredentials(basicHeader(Uint8Array.of(0x61, 0x3a, ...bytes)))).toBeUndefined();
  });

  it('refuses any header that is not Basic and base64', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        fc.pre(!/^basic +[A-Za-z0-9+/]+={0,2}$/i.test(header));
        expect(parseBasicCredentials(header)).toBeUndefined();
      }),
    );
  });

  it('keeps what looks like a byte order mark', () => {
    expect(parseBasicCredentials(basicHeader('\uFEFFid:\uFEFFsecret'))).toEqual({
      id: '\uFEFFid',
      secret: '\uFEFFsecret',
    });
  });
});

describe('namesNoClient', () => {
  it('is said of Basic with neither part, and of no other Basic', () => {
    fc.assert(
      fc.property(text, text, (id, secret) => {
        const isEmpty = id === '' && secret === '';
        expect(namesNoClient(basic({ client_id: id, client_secret: secret }))).toBe(isEmpty);
      }),
      { examples: [['', '']] },
    );
  });

  it('is said of no header that holds anything beside one bearer token', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(',', ' ', '"', ':', '\t'), fc.string(), (before, mark, after) => {
        expect(namesNoClient(`Bearer x${before}${mark}${after}y`)).toBe(false);
      }),
    );
  });
});
