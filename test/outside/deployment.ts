/** What deploy/ and compose.yaml hold, read by the programs that they are for. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { type Check, expectSuccess, run } from './check.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const given = {
  ISSUER: 'https://tokens.example.com',
  POSTGRES_PASSWORD: 'x',
  KEY_ENCRYPTION_KEY: 'x',
  TLS_CERT: './tls.crt',
  TLS_KEY: './tls.key',
};

export const deploymentChecks: readonly Check[] = [
  {
    name: 'compose.yaml is valid, and lacks nothing but what it asks for',
    needs: 'docker',
    probe: ['compose', 'version'],
    run: async (docker) => {
      const args = ['compose', '--file', `${root}compose.yaml`, 'config', '--quiet'];
      await expectSuccess(docker, args, { ...process.env, ...given });
      for (const name of Object.keys(given)) {
        const { code, stderr } = await run(docker, args, { ...process.env, ...given, [name]: '' });
        assert.notEqual(code, 0, `it starts without ${name}`);
        assert.match(stderr, new RegExp(name));
      }
    },
  },
  {
    name: 'the Kubernetes manifests are put together',
    needs: 'kubectl',
    probe: ['version', '--client'],
    run: async (kubectl) => {
      const built = parseAllDocuments(await expectSuccess(kubectl, ['kustomize', `${root}deploy/kubernetes`]));
      const kinds = built.map((document) => document.get('kind'));
      const files = await readdir(`${root}deploy/kubernetes`);
      assert.ok(kinds.length >= files.length - 1, `only ${kinds.join(', ')}`);
      assert.ok(kinds.includes('Deployment'));
      assert.ok(!kinds.includes('Secret'), 'it would replace the Secret that is there');
    },
  },
  {
    name: 'the alert rules are valid, and pass their own tests',
    needs: 'promtool',
    probe: ['--version'],
    run: async (promtool) => {
      await expectSuccess(promtool, ['check', 'rules', `${root}deploy/prometheus/alerts.yaml`]);
      await expectSuccess(promtool, ['test', 'rules', `${root}deploy/prometheus/alerts.test.yaml`]);
    },
  },
];
