import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { mostAtOnce } from '../../../src/throttling/at-once.ts';
import { OWASP_FLOOR } from '../../../src/users/password-hash.ts';
import { createPasswordHasher } from '../../../src/users/password-hasher.ts';
import { type Policy, policies } from '../../../src/throttling/policies.ts';

type Operation = { operationId: string; description: string; responses: object };

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const document = parse(read('openapi.yaml')) as { paths: Record<string, Record<string, Operation>> };
const limited = Object.values(document.paths)
  .flatMap((item) => Object.values(item))
  .filter(({ responses }) => '429' in responses);

/** The numbers in the sentences about limits, in order; an hour is 60 minutes, `/64` and statuses are none. */
function numbersIn({ description }: Operation): number[] {
  const told = description.split('\n\n').filter((paragraph) => /\b429\b/.test(paragraph) && /\d/.test(paragraph));
  const text = told
    .join(' ')
    .replaceAll(/\/64|\b(200|429)\b|RFC \d+/g, '')
    .replaceAll('an hour', '60 minutes');
  return (text.match(/\b\d+\b/g) ?? []).map(Number);
}

const minutes = ({ within }: Policy) => within / 60;
const p = policies;
const atOnce = mostAtOnce(createPasswordHasher({ cost: OWASP_FLOOR }).mostWaiting);

describe('the limits as they are told', () => {
  it('have the numbers of the policies in the descriptions of the operations', () => {
    expect(Object.fromEntries(limited.map((operation) => [operation.operationId, numbersIn(operation)]))).toEqual({
      issueToken: [
        minutes(p.loginAccount),
        p.loginAccount.tries,
        p.loginNetwork.tries,
        p.loginDevice.tries,
        p.client.tries,
        p.clientNetwork.tries,
        atOnce,
        p.refresh.tries,
        p.repeat.tries,
        p.signIn.tries,
        minutes(p.signIn),
      ],
      revokeToken: [p.revocation.tries, p.clientRevocation.tries, p.sessionEnd.tries, minutes(p.sessionEnd)],
      introspectToken: [],
      registerUser: [p.registration.tries, minutes(p.registration)],
      updateCurrentUser: [p.profileChange.tries, minutes(p.profileChange)],
      changePassword: [
        p.passwordChange.tries,
        minutes(p.passwordChange),
        p.loginNetwork.tries,
        p.newPassword.tries,
        minutes(p.newPassword),
      ],
      endCurrentUserSessions: [p.sessionEnd.tries, minutes(p.sessionEnd)],
      endSession: [p.sessionEnd.tries, minutes(p.sessionEnd)],
    });
    // Said once for all of these.
    const together = [p.loginAccount, p.loginNetwork, p.loginDevice, p.client, p.clientNetwork, p.passwordChange];
    expect(new Set(together.map(minutes)).size).toBe(1);
    // Said as "in a minute".
    expect([p.refresh, p.repeat, p.revocation, p.clientRevocation].map(minutes)).toEqual([1, 1, 1, 1]);
  });

  it('have them in the table of docs/standards.md, where every policy is', () => {
    const rows = [...read('docs/standards.md').matchAll(/^\|.*\| (\d+) in (\d+) (min|h) +\|$/gm)];
    const told = rows.map(([, tries, within, unit]) => ({
      tries: Number(tries),
      within: Number(within) * (unit === 'h' ? 3600 : 60),
    }));
    const inOrder = [
      p.loginAccount,
      p.loginDevice,
      p.loginNetwork,
      p.passwordChange,
      p.loginNetwork,
      p.client,
      p.clientNetwork,
      p.registration,
      p.profileChange,
      p.signIn,
      p.refresh,
      p.repeat,
      p.revocation,
      p.clientRevocation,
      p.newPassword,
      p.sessionEnd,
    ];
    expect(told).toEqual(inOrder.map(({ tries, within }) => ({ tries, within })));
    expect(new Set<Policy>(inOrder)).toEqual(new Set<Policy>(Object.values(policies)));
    expect(read('docs/standards.md')).toMatch(new RegExp(`in the same moment +\\|.*\\| ${atOnce} +\\|`));
  });
});
