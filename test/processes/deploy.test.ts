/** Holds what deploys the server to the server: versions, settings, ports, probes, and that nothing runs with more than it needs. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { readConfig } from '../../src/config/config.ts';
import { routes } from '../../src/generated/routes.ts';
import { parseDuration } from '../../src/config/settings.ts';
import { settingNames } from '../support/setting-names.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFile(new URL(path, root), 'utf8');

type Node = { readonly [name: string]: Node } & { readonly [at: number]: Node };
type Settings = Record<string, string>;

const { version, devDependencies, dependencies } = JSON.parse(await read('package.json')) as {
  version: string;
  devDependencies: Settings;
  dependencies: Settings;
};
const dockerfile = await read('Dockerfile');
const compose = parse(await read('compose.yaml'), { merge: true }) as Node;
const paths = Object.values(routes.operations).map(({ path }) => path as string);

/** Every document of every manifest. */
const manifests: Node[] = [];
for (const file of (await readdir(new URL('deploy/kubernetes/', root))).toSorted())
  for (const document of parseAllDocuments(await read(`deploy/kubernetes/${file}`)))
    manifests.push(document.toJS() as Node);

function manifest(kind: string): Node {
  const found = manifests.find((each) => (each['kind'] as unknown) === kind);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
}

/** What runs pods, with the specification of the pod. */
const pods: [name: string, pod: Node][] = [
  ['Deployment', manifest('Deployment')['spec']?.['template']?.['spec'] as Node],
  ['Job', manifest('Job')['spec']?.['template']?.['spec'] as Node],
  ['CronJob', manifest('CronJob')['spec']?.['jobTemplate']?.['spec']?.['template']?.['spec'] as Node],
];
const settings = manifest('ConfigMap')['data'] as unknown as Settings;
const servers = ['tessera-1', 'tessera-2'].map((name) => compose['services']?.[name] as Node);
const filledIn: Settings = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://tessera:x@postgres.example.com/tessera',
  KEY_ENCRYPTION_KEY: 'x',
};

/** The environment of a service, with what Compose would be given. */
function environmentOf(service: Node): Settings {
  const given = Object.entries(service['environment'] as unknown as Settings).map(([name, value]) => [
    name,
    value.replaceAll(/\$\{(\w+):\?[^}]+\}/g, (_, variable: string) =>
      variable === 'ISSUER' ? 'https://tokens.example.com' : 'x',
    ),
  ]);
  return Object.fromEntries(given) as Settings;
}

describe('the image', () => {
  it('is made of the Node.js that the tests run on', () => {
    const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect(new Set(images)).toEqual(new Set([`node:${devDependencies['node']}-slim`]));
    expect(process.version).toBe(`v${devDependencies['node']}`);
  });

  it('has no development dependency, and every package that its code imports', async () => {
    expect(dockerfile).toContain('RUN npm ci --omit=dev ');
    expect(dependencies).not.toHaveProperty('node');
    const left = (await read('.dockerignore')).split('\n').filter((line) => line.startsWith('scripts/'));
    const files = ['src', 'scripts'].map(async (folder) =>
      (await readdir(new URL(`${folder}/`, root), { recursive: true })).map((name) => `${folder}/${name}`),
    );
    const missing: string[] = [];
    for (const file of (await Promise.all(files)).flat().filter((name) => name.endsWith('.ts'))) {
      if (left.includes(file)) continue;
      for (const [, name = ''] of (await read(file)).matchAll(/^(?:im|ex)port (?!type)[^;]*?from '([^.'][^']*)';/gm)) {
        const packageName = /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? '';
        if (!name.startsWith('node:') && !(packageName in dependencies)) missing.push(`${file}: ${name}`);
      }
    }
    expect(left.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  });

  it('takes in what it names, so neither keys nor data nor tests', async () => {
    const ignored = (await read('.dockerignore')).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(ignored[0]).toBe('*');
    const taken = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, from = '']) => from.split(' '));
    expect(copied.toSorted()).toEqual([...taken, 'package.json'].toSorted());
  });

  it('runs as a user with a number and no name, by no shell, and is told to stop by what the server listens to', () => {
    expect(/^USER (.+)$/m.exec(dockerfile)?.[1]).toBe('10001:10001');
    for (const [, command = ''] of dockerfile.matchAll(/(?:^| )CMD (.+)$/gm))
      expect(JSON.parse(command)).toEqual(['node', expect.any(String)]);
    expect(dockerfile).toMatch(/^STOPSIGNAL SIGTERM$/m);
    expect(dockerfile).not.toMatch(/^ENV .*(KEY|PASSWORD|SECRET)|^ARG/m);
  });

  it('is healthy exactly when the server is ready', async () => {
    let status = 200;
    const server = createServer((request, response) =>
      response.writeHead(request.url === '/readyz' ? status : 404).end(),
    );
    server.listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const check = (environment: Settings) =>
      new Promise((resolve) => {
        const file = fileURLToPath(new URL('deploy/healthcheck.mjs', root));
        execFile(process.execPath, [file], { env: environment }, (error) => {
          resolve(error === null ? 0 : error.code);
        });
      });
    const PORT = String(port);
    for (const HOST of ['0.0.0.0', '127.0.0.1']) expect(await check({ HOST, PORT })).toBe(0);
    status = 503;
    expect(await check({ PORT })).toBe(1);
    server.close();
    server.closeAllConnections();
    expect(await check({ PORT })).toBe(1);
    expect(paths).toContain('/readyz');
  });
});

describe('compose.yaml', () => {
  it('has two servers alike, with settings that the server takes in production', () => {
    expect(servers[0]).toEqual(servers[1]);
    const environment = environmentOf(servers[0] as Node);
    const known = [...settingNames(), 'PGPASSWORD'];
    expect(Object.keys(environment).filter((name) => !known.includes(name))).toEqual([]);
    const config = readConfig({ NODE_ENV: 'production', ...environment });
    const proxy = compose['services']?.['proxy']?.['networks']?.['edge']?.['ipv4_address'] as unknown;
    expect(config.trustedProxies).toEqual([proxy]);
    const grace = parseDuration(servers[0]?.['stop_grace_period'] as unknown as string);
    expect(grace).toBeGreaterThan(config.shutdownDelay + config.shutdownGrace);
  });

  it('starts nothing without its secrets, which it does not hold', async () => {
    const text = await read('compose.yaml');
    for (const name of ['ISSUER', 'POSTGRES_PASSWORD', 'KEY_ENCRYPTION_KEY', 'TLS_CERT', 'TLS_KEY'])
      expect(text.replaceAll(/^ *#.*$/gm, '').match(new RegExp(`\\$\\{${name}\\b[^}]*`, 'g'))).toEqual(
        expect.arrayContaining([expect.stringMatching(/:\?.+/)]),
      );
    expect(text).not.toMatch(/\$\{\w+(:?-[^}]*)?\}/);
  });

  it.each(Object.entries(compose['services'] as object) as [string, Node][])(
    'gives %s no more than it needs',
    (_, service) => {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
      expect(service['deploy']?.['resources']?.['limits']).toMatchObject({
        cpus: expect.any(String) as string,
        memory: expect.any(String) as string,
        pids: expect.any(Number) as number,
      });
      expect(service).not.toHaveProperty('privileged');
    },
  );

  it('migrates once, when PostgreSQL is there and before the servers start, by the command and not by them', () => {
    expect(environmentOf(servers[0] as Node)).toMatchObject({ MIGRATIONS: 'command' });
    expect(servers[0]?.['depends_on']).toEqual({ migrate: { condition: 'service_completed_successfully' } });
    const migrate = compose['services']?.['migrate'] as Node;
    expect(migrate).toMatchObject({ command: ['node', 'scripts/migrate.ts'], restart: 'no' });
    expect(migrate['depends_on']).toEqual({ postgres: { condition: 'service_healthy' } });
    const { KEY_ENCRYPTION_KEY: key, ...others } = environmentOf(servers[0] as Node);
    expect(key).toBeDefined();
    expect(environmentOf(migrate)).toEqual(others);
    expect(servers[0]?.['image']).toBe(`tessera:${version}`);
  });

  it('has nginx ask both servers, where they listen, and say itself where a request came from', async () => {
    const nginx = await read('deploy/nginx/nginx.conf');
    const asked = [...nginx.matchAll(/^ *server (tessera-\d:\d+)/gm)].map(([, server]) => server);
    const port = /^ +PORT=(\d+)/m.exec(dockerfile)?.[1];
    expect(asked).toEqual([`tessera-1:${port}`, `tessera-2:${port}`]);
    expect(nginx).toContain('proxy_set_header X-Forwarded-For $remote_addr;');
    expect(dockerfile).toContain(`EXPOSE ${port}\n`);
    const [published] = compose['services']?.['proxy']?.['ports'] as unknown as string[];
    expect(nginx).toContain(`listen ${published?.split(':')[1]} ssl;`);
    for (const [, file] of nginx.matchAll(/\/run\/secrets\/(\S+);/g))
      expect(compose['services']?.['proxy']?.['secrets']).toContain(file);
  });
});

describe('the Kubernetes manifests', () => {
  it('are all applied, in the one namespace, which lets nothing run that is not restricted', () => {
    const kustomization = manifest('Kustomization');
    const applied = kustomization['resources'] as unknown as string[];
    expect(applied).toHaveLength(new Set(applied).size);
    expect(manifest('Namespace')['metadata']?.['labels']).toEqual({
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
    for (const { kind, metadata } of manifests)
      if (!['Kustomization', 'Namespace'].includes(kind as unknown as string))
        expect([kind, metadata?.['namespace']]).toEqual([kind, 'tessera']);
    expect(kustomization['images']?.[0]?.['newTag']).toBe(version);
    expect(manifest('Job')['metadata']?.['name']).toBe(`tessera-migrate-${version.replaceAll('.', '-')}`);
  });

  it('leave the Secret to whoever makes it: applied again, they would replace it', () => {
    expect(manifests.map(({ kind }) => kind)).not.toContain('Secret');
  });

  it('apply every file that is there', async () => {
    const files = (await readdir(new URL('deploy/kubernetes/', root))).filter((name) => name !== 'kustomization.yaml');
    expect((manifest('Kustomization')['resources'] as unknown as string[]).toSorted()).toEqual(files.toSorted());
  });

  it('have settings that the server takes in production, once the secret is there, and not before', () => {
    const known = settingNames();
    for (const name of [...Object.keys(settings), ...Object.keys(filledIn)])
      if (name !== 'NODE_ENV') expect(known).toContain(name);
    const config = readConfig({ ...settings, ...filledIn });
    expect(config.migrations).toBe('command');
    expect(() => readConfig({ NODE_ENV: 'production', ...settings })).toThrow('KEYS_DIR: the key-encryption key');
  });

  it('give the migration what leads to the database, and no key-encryption key', () => {
    const container = pods[1]?.[1]['containers']?.[0] as Node;
    expect(container['envFrom']).toEqual([{ configMapRef: { name: 'tessera' } }]);
    const given = (container['env'] as unknown as Node[]).map(({ name, valueFrom }) => [
      name,
      valueFrom?.['secretKeyRef'],
    ]);
    expect(given).toEqual([
      ['DATABASE_URL', { name: 'tessera', key: 'DATABASE_URL' }],
      ['PGPASSWORD', { name: 'tessera', key: 'PGPASSWORD', optional: true }],
    ]);
    expect(readConfig({ ...settings, ...filledIn, KEY_ENCRYPTION_KEY: '' }).keyEncryptionKey).toBeUndefined();
  });

  it.each(pods)(
    'run the %s as the restricted profile wants, with the settings, the secret, and a limit',
    (name, pod) => {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
      });
      expect(pod['containers']).toHaveLength(1);
      const container = pod['containers']?.[0] as Node;
      expect(container).toMatchObject({
        image: 'tessera',
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      });
      expect(container['resources']?.['limits']).toHaveProperty('memory');
      if (name === 'Job') return;
      expect(container['envFrom']).toEqual([{ configMapRef: { name: 'tessera' } }, { secretRef: { name: 'tessera' } }]);
      expect(container).not.toHaveProperty('env');
    },
  );

  it('probe what the contract has, on the port where it is served, and let a stop take its time', () => {
    const pod = pods[0]?.[1] as Node;
    const container = pod['containers']?.[0] as Node;
    const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'].map((name) => container[name]?.['httpGet']);
    expect(probes).toEqual([
      { path: '/livez', port: 'http' },
      { path: '/livez', port: 'http' },
      { path: '/readyz', port: 'http' },
    ]);
    for (const path of ['/livez', '/readyz']) expect(paths).toContain(path);
    expect(container['ports']).toEqual([
      { name: 'http', containerPort: Number(/^ +PORT=(\d+)/m.exec(dockerfile)?.[1]) },
      { name: 'management', containerPort: Number(settings['MANAGEMENT_PORT']) },
    ]);
    const { shutdownDelay, shutdownGrace } = readConfig({ ...settings, ...filledIn });
    expect(pod['terminationGracePeriodSeconds']).toBeGreaterThan(shutdownDelay + shutdownGrace);
    // The pod is taken out of the service while it still answers.
    const { periodSeconds, failureThreshold } = container['readinessProbe'] as unknown as Record<string, number>;
    expect(shutdownDelay).toBeGreaterThanOrEqual(periodSeconds ?? Infinity);
    expect(failureThreshold).toBeGreaterThan(0);
  });

  it('select the pods that are there', () => {
    const labels = manifest('Deployment')['spec']?.['template']?.['metadata']?.['labels'];
    expect(manifest('Deployment')['spec']?.['selector']?.['matchLabels']).toEqual(labels);
    expect(manifest('PodDisruptionBudget')['spec']?.['selector']?.['matchLabels']).toEqual(labels);
    for (const service of manifests.filter(({ kind }) => (kind as unknown) === 'Service'))
      expect(service['spec']?.['selector']).toEqual(labels);
    expect(labels).toMatchObject(manifest('NetworkPolicy')['spec']?.['podSelector']?.['matchLabels'] as object);
    for (const each of pods[0]?.[1]['topologySpreadConstraints'] as unknown as Node[])
      expect(each['labelSelector']?.['matchLabels']).toEqual(labels);
  });

  it('rotate by the command, and take its refusal (exit code 3) for the end', () => {
    const job = manifest('CronJob')['spec']?.['jobTemplate']?.['spec'] as Node;
    const container = pods[2]?.[1]['containers']?.[0] as Node;
    expect((container['command'] as unknown as string[]).slice(0, 3)).toEqual(['node', 'scripts/keys.ts', 'rotate']);
    expect(container['command']).not.toContain('--force');
    expect(job['podFailurePolicy']?.['rules']?.[0]).toEqual({
      action: 'FailJob',
      onExitCodes: { containerName: 'rotate', operator: 'In', values: [2, 3] },
    });
    expect(pods[2]?.[1]['restartPolicy']).toBe('Never');
    expect(manifest('CronJob')['spec']?.['concurrencyPolicy']).toBe('Forbid');
    // The servers' own schedule is behind that of the CronJob, and never before it.
    expect(parseDuration(settings['KEY_ROTATE_EVERY'] ?? '')).toBeGreaterThan(31 * 86_400);
  });
});
