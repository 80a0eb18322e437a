import { expect, it } from 'vitest';
import contract from '../../../src/generated/contract.json' with { type: 'json' };
import { requestContract } from '../../../src/http/request-contract.ts';

it('is whole without a $ref, and has no component that costs a start but security schemes', () => {
  const { components, paths } = requestContract(contract) as typeof contract;
  expect(Object.keys(components)).toEqual(['securitySchemes']);
  expect(Object.keys(paths)).toEqual(Object.keys(contract.paths));
  expect(JSON.stringify(paths)).not.toContain('"$ref"');
});
