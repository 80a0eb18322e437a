import type { FactsMacs } from '../../../src/keys/sealing/facts-mac.ts';

/** MACs that no cryptography stands behind, for tests of rules. Everybody has the key. */
export const fakeMacs: FactsMacs = {
  make: async (facts) => `MAC of ${facts}`,
  idsAtHand: async () => 'everybody',
  check: async (claims) => claims.map(({ facts, mac }) => ({ kind: mac === `MAC of ${facts}` ? 'valid' : 'invalid' })),
  makeWithSeal: async ({ sealedPrivateKey }, facts) => ({ mac: `MAC of ${facts}`, sealed: sealedPrivateKey }),
};
