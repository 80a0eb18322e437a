/** Access tokens, verified by programs in other languages with nothing but what these bring along. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { decodeJwt } from 'jose';
import { requestToken } from '../support/jwks.ts';
import { type Check, expectSuccess, run } from './check.ts';
import { withServers } from './server.ts';

export const tokenChecks: readonly Check[] = [
  verifiedBy('Python', { needs: 'python3', probe: ['--version'], args: [fileOf('verify.py')] }),
  // Without its compiler Java runs no source.
  verifiedBy('Java', { needs: 'java', probe: ['--describe-module', 'jdk.compiler'], args: [fileOf('Verify.java')] }),
  verifiedBy('Go', { needs: 'go', probe: ['version'], args: ['run', fileOf('verify.go')] }),
];

type Verifier = Pick<Check, 'needs' | 'probe'> & { readonly args: readonly string[] };

function verifiedBy(language: string, { needs, probe, args }: Verifier): Check {
  return {
    name: `${language} verifies an access token by the published keys, and refuses spoiled ones`,
    needs,
    probe,
    run: (program) =>
      withServers(1, async ({ servers, client }) => {
        const url = servers[0]?.url ?? '';
        const token = await requestToken(url, client);
        const given = (presented: string) => [...args, `${url}/.well-known/jwks.json`, presented];
        const claims: unknown = JSON.parse(await expectSuccess(program, given(token)));
        assert.deepEqual(claims, decodeJwt(token));
        for (const [spoiled, reason] of spoil(token)) {
          const { code, stdout, stderr } = await run(program, given(spoiled));
          assert.match(stderr, new RegExp(`^refused: ${reason}$`, 'm'));
          assert.deepEqual({ isRefused: code !== 0, stdout }, { isRefused: true, stdout: '' });
        }
      }),
  };
}

/** Each with the reason for which it must be refused. */
function spoil(token: string): [spoiled: string, reason: string][] {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const noFit = 'the signature does not fit';
  return [
    [[header, change(claims, (text) => text.replace('audit:read', 'keys:manage')), signature].join('.'), noFit],
    [
      [header, claims, signature.slice(0, 9) + (signature[9] === 'A' ? 'B' : 'A') + signature.slice(10)].join('.'),
      noFit,
    ],
    [
      [change(header, (text) => text.replace(/"kid":"./, '"kid":"~')), claims, signature].join('.'),
      'nobody knows the key',
    ],
    [[change(header, (text) => text.replace('RS256', 'HS256')), claims, signature].join('.'), 'it is no access token'],
  ];
}

function change(part: string, edit: (text: string) => string): string {
  const before = Buffer.from(part, 'base64url').toString();
  const after = edit(before);
  assert.notEqual(after, before);
  return Buffer.from(after).toString('base64url');
}

function fileOf(name: string): string {
  return fileURLToPath(new URL(`verifiers/${name}`, import.meta.url));
}
