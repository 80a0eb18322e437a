import { expect, it } from 'vitest';
import contract from '../../../src/generated/contract.json' with { type: 'json' };
import { requestContract } from '../../../src/http/request-contract.ts';

it('is whole without a $ref, and has no component that costs a start but security schemes', () => {
  const { components, paths } = requestContract(contract) as typeof contract;
  expect(components).toEqual({ securitySchemes: contract.components.securitySchemes });
  expect(Object.keys(paths)).toEqual(Object.keys(contract.paths));
  expect(JSON.stringify(paths)).not.toContain('"$ref"');
});

it('may have no components, so that whoever audits the start can say what is missing', () => {
  expect(requestContract({ openapi: '3.1.1', paths: {} })).toEqual({ openapi: '3.1.1', paths: {}, components: {} });
});
