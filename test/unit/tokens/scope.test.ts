import fc from '../../support/property.ts';
import { describe, expect, it } from 'vitest';
import { privilegesBeyond } from '../../../src/tokens/authority.ts';
import {
  allScopes,
  grantScope,
  hasScope,
  parseScope,
  privilegesIn,
  scopeLeft,
  scopesOfUser,
  splitScope,
} from '../../../src/tokens/scope.ts';
import { roles } from '../../../src/users/store.ts';

// scope-token = 1*NQCHAR (RFC 6749, 3.3 and A.4)
const allowedCodes = [0x21, ...range(0x23, 0x5b), ...range(0x5d, 0x7e)];
const scopeToken = fc
  .array(fc.constantFrom(...allowedCodes), { minLength: 1, maxLength: 12 })
  .map((codes) => String.fromCharCode(...codes));
const scopeTokens = fc.array(scopeToken, { minLength: 1, maxLength: 6 });
/** Few enough that what is asked and what is allowed often meet. */
const known = fc.constantFrom<string>('profile:read', 'profile:write', 'orders:read', 'tokens:introspect');
const knownScopes = fc.array(known, { maxLength: 5 });

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

describe('parseScope', () => {
  it('reads any scope tokens joined by single spaces, each once and in order (RFC 6749, 3.3) [RFC6749-3.3/syntax]', () => {
    fc.assert(
      fc.property(scopeTokens, fc.nat({ max: 3 }), (some, repeats) => {
        const tokens = [...some, ...some.slice(0, repeats)];
        expect(parseScope(tokens.join(' '))).toEqual([...new Set(tokens)]);
      }),
    );
  });

  it('refuses whatever has another character, or a space that separates nothing (RFC 6749, 3.3) [RFC6749-3.3/syntax]', () => {
    const wrong = fc.oneof(
      fc.constantFrom('', ' ', '"', '\\', '\t', '\n', '\r\n', '\0', '\x7F', '\x80', 'ä', '\u2028', '😀', '\uD800'),
      fc
        .nat({ max: 0x10ffff })
        .filter((code) => !allowedCodes.includes(code))
        .map((code) => String.fromCodePoint(code)),
    );
    fc.assert(
      fc.property(scopeTokens, wrong, scopeTokens, (before, character, after) => {
        if (character !== ' ' && character !== '')
          expect(parseScope(`${before.join(' ')}${character}${after.join(' ')}`)).toBeNull();
        expect(parseScope(`${before.join(' ')} ${character} ${after.join(' ')}`)).toBeNull();
        expect(parseScope(`${character} ${after.join(' ')}`)).toBeNull();
        expect(parseScope(`${before.join(' ')} ${character}`)).toBeNull();
        expect(parseScope(character)).toBeNull();
      }),
    );
  });
});

describe('grantScope', () => {
  it('never grants more than is allowed, nor other than was asked', () => {
    fc.assert(
      fc.property(
        fc.option(
          fc.oneof(
            knownScopes.map((each) => each.join(' ')),
            fc.string(),
          ),
          { nil: undefined },
        ),
        knownScopes,
        (asked, allowed) => {
          const granted = grantScope(asked, allowed);
          if (granted === null) return;
          const scopes = granted.split(' ');
          expect(scopes.every((scope) => allowed.includes(scope))).toBe(true);
          if (asked !== undefined) expect(new Set(scopes)).toEqual(new Set(asked.split(' ')));
          else expect(scopes).toEqual(allowed);
        },
      ),
    );
  });

  it('grants whatever is well-formed and within what is allowed', () => {
    fc.assert(
      fc.property(
        fc.subarray(['profile:read', 'profile:write', 'orders:read'], { minLength: 1 }),
        knownScopes,
        (asked, more) => {
          expect(grantScope(asked.join(' '), [...more, ...asked])).toBe(asked.join(' '));
        },
      ),
    );
  });

  it('grants nothing, rather than an empty scope, when nothing is allowed', () => {
    expect(grantScope(undefined, [])).toBeNull();
    expect(grantScope('', [])).toBeNull();
    expect(grantScope('profile:read', [])).toBeNull();
  });

  it('refuses as a whole what asks for one scope too many', () => {
    fc.assert(
      fc.property(fc.uniqueArray(known, { minLength: 2 }), fc.nat(), (asked, at) => {
        const allowed = asked.filter((_, index) => index !== at % asked.length);
        expect(grantScope(asked.join(' '), allowed)).toBeNull();
      }),
    );
  });
});

describe('splitScope and hasScope', () => {
  it('look at whole scope tokens', () => {
    expect(splitScope('orders:read a')).toEqual(['orders:read', 'a']);
    expect(
      ['a', 'orders:read', 'orders', 'read', 'orders:read a', ''].map((name) => hasScope('orders:read a', name)),
    ).toEqual([true, true, false, false, false, false]);
  });
});

const ofAdmins = [
  'keys:read',
  'keys:manage',
  'users:read',
  'users:manage',
  'clients:manage',
  'tokens:introspect',
  'audit:read',
];
const everyones = ['profile:read', 'profile:write'];

describe('scopesOfUser', () => {
  it('is the same for everyone but for what roles add', () => {
    expect(scopesOfUser([])).toEqual(everyones);
    expect(scopesOfUser(['admin'])).toEqual([...everyones, ...ofAdmins]);
    expect(scopesOfUser(['operator'])).toEqual([...everyones, 'keys:read', 'keys:manage']);
    expect(scopesOfUser(['auditor'])).toEqual([...everyones, 'audit:read', 'keys:read', 'users:read']);
    expect(scopesOfUser(['support'])).toEqual([...everyones, 'users:read', 'users:manage']);
    expect(scopesOfUser(['support', 'auditor'])).toEqual([
      ...everyones,
      'users:read',
      'users:manage',
      'audit:read',
      'keys:read',
    ]);
  });

  it('is every scope there is for an administrator: no role has one that administrators lack', () => {
    expect(allScopes).toEqual(scopesOfUser(['admin']));
    expect(new Set(scopesOfUser([...roles]))).toEqual(new Set(allScopes));
  });
});

describe('privilegesIn', () => {
  it('are the scopes that only roles give: neither those of everyone, nor those of other APIs', () => {
    expect(privilegesIn([...everyones, 'orders:read', 'keys:read', 'audit:read'])).toEqual(['keys:read', 'audit:read']);
    expect(privilegesIn(allScopes)).toEqual(ofAdmins);
  });
});

describe('scopeLeft', () => {
  it('is what was granted, without the privileges of roles that are gone', () => {
    const granted = 'profile:read keys:manage users:read orders:read';
    expect(scopeLeft(granted, ['admin'])).toBe(granted);
    expect(scopeLeft(granted, ['operator'])).toBe('profile:read keys:manage orders:read');
    expect(scopeLeft(granted, [])).toBe('profile:read orders:read');
    expect(scopeLeft('keys:manage', ['auditor'])).toBe('');
  });
});

describe('privilegesBeyond', () => {
  it('are what roles give and a token has not; a token with all of it may touch anybody', () => {
    expect(privilegesBeyond(allScopes.join(' '), scopesOfUser([...roles]))).toEqual([]);
    expect(privilegesBeyond('users:manage', scopesOfUser([]))).toEqual([]);
    expect(privilegesBeyond('users:manage', scopesOfUser(['support']))).toEqual(['users:read']);
    expect(privilegesBeyond('users:manage keys:manage', scopesOfUser(['operator', 'auditor']))).toEqual([
      'keys:read',
      'audit:read',
      'users:read',
    ]);
    expect(privilegesBeyond('keys:read', ['orders:read', 'audit:read', 'keys:read', 'audit:read'])).toEqual([
      'audit:read',
    ]);
  });
});
