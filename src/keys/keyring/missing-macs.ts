import type { FactsMacs } from '../sealing/facts-mac.ts';
import { encodeFacts } from '../sealing/immutable-facts.ts';
import type { KeyFacts } from './key-facts.ts';
import type { MacChange } from '../store.ts';

/**
 * The MACs that trusted rows are to get: those whose private part opens and does not tell of one, which replicas of the version
 * before go on making; at the first start of this version, also all those that have none.
 */
export async function makeMissingMacs(facts: KeyFacts, macs: FactsMacs): Promise<MacChange[]> {
  const changes: MacChange[] = [];
  // Whoever can open what there is can also vouch for what has no private part.
  const beside = facts.keys.findLast(({ kid }) => facts.opened.get(kid)?.fault === null)?.sealedPrivateKey ?? undefined;
  for (const key of facts.keys) {
    const opened = facts.opened.get(key.kid);
    const { kid, sealedPrivateKey, factsMac: from } = key;
    const text = encodeFacts(key);
    if (text === null) continue;
    if (sealedPrivateKey !== null && opened?.fault === null) {
      if (opened.isMacMade) continue;
      const { mac, sealed } = await macs.makeWithSeal({ kid, sealedPrivateKey }, text);
      changes.push({ of: 'signing', kid, from, to: mac, resealed: { from: sealedPrivateKey, to: sealed } });
    } else if (from === null && facts.trust.firstStart === 'here')
      changes.push({ of: 'signing', kid, from, to: await macs.make(text, beside), resealed: null });
  }
  if (facts.trust.firstStart !== 'here') return changes;
  for (const key of facts.verifyOnly) {
    const text = encodeFacts(key);
    if (text === null || key.factsMac !== null) continue;
    changes.push({ of: 'verify-only', kid: key.kid, from: null, to: await macs.make(text, beside), resealed: null });
  }
  return changes;
}
