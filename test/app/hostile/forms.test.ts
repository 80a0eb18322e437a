import { describe, expect } from 'vitest';
import { expectContractKept } from '../../support/contract-check.ts';
import { it as base, contract, password } from '../../support/tessera.ts';
import { ask, listen } from '../../support/wire.ts';

const it = base.extend('port', { scope: 'file' }, async ({ tessera }, { onCleanup }) => {
  const { port, close } = await listen(tessera.app);
  onCleanup(close);
  return port;
});

const { document } = await contract();
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const prototypes = ['__proto__', 'constructor', 'prototype', '__proto__[admin]', 'constructor[prototype][admin]'];

describe('a parameter that is named as a prototype is', () => {
  it.for(prototypes)(
    'is a parameter like any other that a form need not have: %s [HOSTILE/prototype-parameters]',
    async (name, { port, tessera }) => {
      const { username } = await tessera.newUser();
      for (const spelled of [name, encodeURIComponent(name)]) {
        const fields = new URLSearchParams({ grant_type: 'password', username, password }).toString();
        const reply = await ask(port, 'POST', '/token', form, `${spelled}=true&${fields}`);
        expectContractKept('POST', '/token', reply);
        expect(reply.status).toBe(200);
        expect(JSON.parse(reply.body)).toMatchObject({ scope: 'profile:read profile:write' });
        for (const path of ['/revoke', '/introspect']) {
          const other = await ask(port, 'POST', path, form, `${spelled}=true`);
          expectContractKept('POST', path, other);
          expect(other.status).toBe(400);
        }
      }
      expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
    },
  );

  it.for(prototypes)(
    'stands in for none that is missing: %s [HOSTILE/prototype-parameters]',
    async (name, { port }) => {
      for (const inner of ['grant_type', 'token', 'username']) {
        const field = `${name.replace('[admin]', '')}[${inner}]=password`;
        const reply = await ask(port, 'POST', '/token', form, `${field}&__proto__.${inner}=password`);
        expect(reply.status).toBe(400);
        expect(JSON.parse(reply.body)).toMatchObject({ error: 'invalid_request' });
      }
    },
  );

  it.for(prototypes)(
    'is refused in a query, and ignored in that of OAuth requests and probes: %s [HOSTILE/prototype-parameters]',
    async (name, { port }) => {
      for (const query of [`?${name}=1`, `?${encodeURIComponent(name)}=1`, `?${name}`]) {
        const account = JSON.stringify({ username: 'ada', password: 'correct horse battery' });
        const json = { 'Content-Type': 'application/json' };
        const reply = await ask(port, 'POST', `/users${query}`, json, account);
        expectContractKept('POST', `/users${query}`, reply);
        expect(reply.status).toBe(400);
        expect((await ask(port, 'GET', `/livez${query}`)).status).toBe(200);
        expect((await ask(port, 'POST', `/revoke${query}`, form, 'token=x')).status).toBe(200);
      }
      expect(Object.keys(Object.prototype)).toEqual([]);
    },
  );
});

describe('a parameter that is longer than the contract says', () => {
  type Schemas = Record<string, { properties: Record<string, { $ref?: string; maxLength?: number }> }>;
  const schemas = (document['components'] as unknown as { schemas: Schemas }).schemas;
  const lengthsIn = (schema: string) =>
    Object.entries(schemas[schema]?.properties ?? {}).flatMap(([name, { $ref, maxLength }]): [string, number][] => {
      const most =
        maxLength ?? (schemas[$ref?.split('/').at(-1) ?? ''] as { maxLength?: number } | undefined)?.maxLength;
      // Beyond that length the body itself is too large.
      return most === undefined || most >= 16 * 1024 ? [] : [[name, most]];
    });

  it.for([
    ['/token', 'TokenRequest', 'grant_type=password&username=x&password=x', 6],
    ['/revoke', 'TokenReference', 'token=x', 4],
    ['/introspect', 'TokenReference', 'token=x', 4],
  ] as const)('is refused, and told which it is: %s', async ([path, schema, others, count], { port }) => {
    const lengths = lengthsIn(schema);
    expect(lengths).toHaveLength(count);
    for (const [name, most] of lengths) {
      const rest = new URLSearchParams(others);
      const send = (value: string) => {
        rest.set(name, value);
        return ask(port, 'POST', path, form, rest.toString());
      };
      const refused = `${name} must NOT have more than ${most} characters`;
      const tooLong = await send('x'.repeat(most + 1));
      expectContractKept('POST', path, tooLong);
      expect(tooLong.status).toBe(400);
      expect(JSON.parse(tooLong.body)).toEqual({ error: 'invalid_request', error_description: `${refused}.` });
      expect((await send('x'.repeat(most))).body).not.toContain(refused);
      // Characters are counted, not bytes.
      if (most <= 1024) expect((await send('𝄞'.repeat(most))).body).not.toContain(refused);
    }
  });
});

describe('a form that is nothing but parameters', () => {
  it('of thousands of names is read in no time, and answered', async ({ port }) => {
    const body = Array.from({ length: 4000 }, (_, at) => at.toString(36)).join('&');
    const began = performance.now();
    const reply = await ask(port, 'POST', '/token', form, body);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(JSON.parse(reply.body)).toMatchObject({ error: 'invalid_request' });
    expect(reply.status).toBe(400);
  });
});
