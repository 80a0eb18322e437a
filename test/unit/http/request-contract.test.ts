import { describe, expect, it } from 'vitest';
import contract from '../../../src/generated/contract.json' with { type: 'json' };
import { requestContract } from '../../../src/http/request/request-contract.ts';

it('is whole without a $ref, and has no component that costs a start but security schemes', () => {
  const { components, paths } = requestContract(contract) as typeof contract;
  expect(components).toEqual({ securitySchemes: contract.components.securitySchemes });
  expect(Object.keys(paths)).toEqual(Object.keys(contract.paths));
  expect(JSON.stringify(paths)).not.toContain('"$ref"');
});

it('may have no components, so that whoever audits the start can say what is missing', () => {
  expect(requestContract({ openapi: '3.1.1', paths: {} })).toEqual({ openapi: '3.1.1', paths: {}, components: {} });
});

describe('a $ref that would leave requests unchecked is refused:', () => {
  const withParameter = (schema: object) => ({
    openapi: '3.1.1',
    paths: { '/a': { get: { parameters: [{ name: 'a', in: 'query', schema }] } } },
    components: { schemas: { Name: { type: 'string' } } },
  });

  it.each([
    ['to a schema that is not there', '#/components/schemas/Nope'],
    ['past a schema that is not there', '#/components/nothing/Nope/deeper'],
    ['into another document', 'other.yaml#/Name'],
  ])('one %s', (_, $ref) => {
    expect(() => requestContract(withParameter({ $ref }))).toThrow(`openapi.yaml: $ref: ${$ref} points to nothing.`);
  });

  it('one beside keywords that the validator would not see', () => {
    const $ref = '#/components/schemas/Name';
    expect(() => requestContract(withParameter({ $ref, maxLength: 3 }))).toThrow(
      `openapi.yaml: maxLength beside $ref: ${$ref} would not be checked.`,
    );
    expect(requestContract(withParameter({ $ref, description: 'a name' }))).toMatchObject({
      paths: { '/a': { get: { parameters: [{ schema: { type: 'string' } }] } } },
    });
  });
});
