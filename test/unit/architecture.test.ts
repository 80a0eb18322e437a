import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = fileURLToPath(new URL('../../src', import.meta.url));
const test = fileURLToPath(new URL('..', import.meta.url));

/** Lower ranks may not import higher ones. Files of `src/` itself are named; of folders, those inside are not told apart here. */
const ranks: Readonly<Record<string, number>> = {
  'clock.ts': 0,
  'etag.ts': 0,
  'network.ts': 0,
  'private-file.ts': 0,
  'secret.ts': 0,
  'terminal.ts': 0,
  'unavailable.ts': 0,
  generated: 0,
  audit: 1,
  keys: 1,
  tokens: 1,
  users: 1,
  throttling: 1,
  telemetry: 1,
  clients: 1,
  views: 2,
  grants: 2,
  http: 3,
  operations: 3,
  database: 3,
  config: 4,
  server: 5,
  workers: 5,
  'main.ts': 6,
};

/** What each room inside a room may import of the same house, besides itself. `keys` is what lies in the folder itself. */
const walls: Readonly<Record<string, readonly string[]>> = {
  keys: [],
  'keys/timeline': ['keys'],
  'keys/sealing': ['keys'],
  'keys/drawing': ['keys', 'keys/timeline'],
  'keys/keyring': ['keys', 'keys/timeline', 'keys/sealing'],
  'keys/changes': ['keys', 'keys/timeline', 'keys/sealing', 'keys/keyring'],
  'http/reply': ['http'],
  'http/listener': ['http', 'http/reply'],
  'http/docs': ['http', 'http/reply'],
  'http/request': ['http', 'http/reply'],
  http: ['http/docs', 'http/request'],
  'database/sqlite': ['database'],
  'database/postgres': ['database'],
  'database/stores': ['database'],
  'database/migrations': ['database'],
  'database/transfer': ['database', 'database/migrations', 'database/stores'],
  database: ['database/sqlite', 'database/postgres', 'database/stores', 'database/migrations'],
};

/** Which folders may know which packages. */
const keepers: Readonly<Record<string, RegExp>> = {
  express: /^http$/,
  'express-openapi-validator/dist/openapi.validator.js': /^http$/,
  kysely: /^database$/,
  pg: /^database$/,
  'kysely/migration': /^database$/,
  'node:sqlite': /^database$/,
  'rate-limiter-flexible/lib/RateLimiterRes.js': /^database$/,
  'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js': /^database$/,
  helmet: /^http$/,
  'proxy-addr': /^http$/,
  argon2: /^users$/,
  'node:cluster': /^(workers|server)$/,
  'node-cron': /^server$/,
  pino: /^(telemetry|workers|server)$/,
  'pino-pretty': /^telemetry$/,
  'prom-client': /^telemetry$/,
  '@opentelemetry/api': /^telemetry$/,
  '@opentelemetry/resources': /^telemetry$/,
  '@opentelemetry/sdk-trace': /^telemetry$/,
  '@opentelemetry/exporter-trace-otlp-proto': /^telemetry$/,
};

type Import = { readonly from: string; readonly to: string; readonly typesOnly: boolean };

async function importsOf(file: string, base = src): Promise<Import[]> {
  const text = await readFile(file, 'utf8');
  const found = text.matchAll(
    /^(?:import|export)( type)? [^'";]*?from '([^']+)';|^import '([^']+)';|import\('([^']+)'\)/gm,
  );
  return [...found].map(([, typesOnly, a, b, c]) => ({
    from: relative(base, file),
    to: resolveFrom(file, a ?? b ?? c ?? '', base),
    typesOnly: typesOnly !== undefined,
  }));
}

function resolveFrom(file: string, specifier: string, base: string): string {
  return specifier.startsWith('.') ? `./${relative(base, join(dirname(file), specifier))}` : specifier;
}

function roomOf(path: string): string {
  return path.replace(/^\.\//, '').split('/')[0] ?? '';
}

const files = (await readdir(src, { recursive: true })).filter((name) => name.endsWith('.ts'));
const imports = (await Promise.all(files.map((name) => importsOf(join(src, name))))).flat();
const internal = imports.filter(({ to }) => to.startsWith('./'));

describe('the architecture', () => {
  it('reads the imports that it judges', () => {
    expect(imports.length).toBeGreaterThan(200);
    expect(internal).toContainEqual({ from: 'server/run.ts', to: './server/server.ts', typesOnly: false });
  });

  it('imports one way: main, server, then http, operations and database, then views and grants, then the domain, then the clock', () => {
    const unknown = [...new Set(files.map(roomOf))].filter((room) => !(room in ranks));
    expect(unknown).toEqual([]);
    const upward = internal.filter(({ from, to }) => (ranks[roomOf(to)] ?? 0) > (ranks[roomOf(from)] ?? 0));
    // Views and grants know the contract, as types. The generated route table takes its type from http, where its meaning is.
    const excused = upward.filter(
      ({ from, to, typesOnly }) => /^(views|grants)\//.test(from) && to === './http/contract.ts' && typesOnly,
    );
    const others = upward.filter((each) => !excused.includes(each)).map(({ from, to }) => `${from} -> ${to}`);
    expect(others).toEqual(['generated/routes.ts -> ./http/route.ts']);
  });

  it('has no circle among the folders of the domain; types may refer to each other', () => {
    const isDomain = (path: string) => ranks[roomOf(path)] === 1;
    const between = internal.filter(({ from, to, typesOnly }) => !typesOnly && isDomain(from) && isDomain(to));
    const rooms = between.map(({ from, to }) => ({ from: roomOf(from), to: `./${roomOf(to)}` }));
    expect(rooms).toContainEqual({ from: 'clients', to: './tokens' });
    expect(findCircle(rooms.filter(({ from, to }) => to !== `./${from}`))).toBeUndefined();
  });

  it('keeps http, operations and database apart; operations know the contract, and only as types', () => {
    const apart = ['http', 'operations', 'database'];
    const sideways = internal.filter(
      ({ from, to }) => apart.includes(roomOf(from)) && apart.includes(roomOf(to)) && roomOf(from) !== roomOf(to),
    );
    expect(sideways.length).toBeGreaterThan(0);
    const excused = sideways.filter(
      ({ from, to, typesOnly }) => roomOf(from) === 'operations' && to === './http/contract.ts' && typesOnly,
    );
    expect(sideways).toEqual(excused);
  });

  it('has inner walls', () => {
    const between = internal.filter(
      ({ from, to }) => roomOf(from) === roomOf(to) && dirname(from) !== dirname(to.slice(2)),
    );
    const through = between.filter(({ from, to }) => {
      const allowed = walls[dirname(from)];
      return allowed !== undefined && !allowed.includes(dirname(to.slice(2)));
    });
    // A type alone, of what the reply is about.
    expect(through.map(({ from, to }) => `${from} -> ${to}`)).toEqual([
      'http/reply/cross-origin.ts -> ./http/request/match.ts',
    ]);
    expect(Object.keys(walls).filter((room) => !files.some((name) => dirname(name) === room))).toEqual([]);
    const inner = files.map((name) => dirname(name)).filter((room) => /^(keys|http|database)/.test(room));
    expect(inner.filter((room) => !(room in walls))).toEqual([]);
  });

  it('has a head in each room: a file of the name of the room, that says first what is in it', async () => {
    const rooms = new Set(files.map((name) => dirname(name)).filter((room) => !['.', 'generated'].includes(room)));
    const heads = await Promise.all(
      [...rooms].map(async (room) => {
        const text = await readFile(join(src, room, `${basename(room)}.ts`), 'utf8').catch(() => '');
        return { room, isThere: text.startsWith('/**') };
      }),
    );
    expect(heads.filter(({ isThere }) => !isThere).map(({ room }) => room)).toEqual([]);
  });

  it('draws keys with no part of Node, so that a page can, too', () => {
    const drawn = imports.filter(({ from }) => from.startsWith('keys/drawing/') || from === 'clock.ts');
    expect(drawn.filter(({ to }) => !to.startsWith('./'))).toEqual([]);
  });

  it('lets express, the query builder and the other outside parts in by one door each', () => {
    const strays = imports.filter(({ from, to }) => to in keepers && !keepers[to]?.test(roomOf(from)));
    expect(strays).toEqual([]);
  });

  it('reads the environment and the clock of the system in one place each', async () => {
    const readers: string[] = [];
    for (const name of files) {
      const text = await readFile(join(src, name), 'utf8');
      if (/process\.env|Date\.now\(\)/.test(text.replaceAll(/\/\/.*|\/\*[\s\S]*?\*\//g, ''))) readers.push(name);
    }
    expect(readers.sort()).toEqual(['clock.ts', 'config/config.ts']);
  });

  it('imports nothing of the tests, which an installation does not have', () => {
    expect(internal.filter(({ to }) => to.startsWith('./../test/') || to.startsWith('../test/'))).toEqual([]);
    expect(imports.filter(({ to }) => /(^|\/)\.\.\/test\//.test(to))).toEqual([]);
  });

  it('has no barrels, no folders named for nothing, and no circles', () => {
    expect(files.filter((name) => /(^|\/)index\.ts$/.test(name))).toEqual([]);
    expect(files.filter((name) => /(utils|helpers|common|services|controllers)/.test(name))).toEqual([]);
    expect(findCircle(internal.filter(({ typesOnly }) => !typesOnly))).toBeUndefined();
  });
});

describe('the tests', () => {
  it('share what they have in test/support alone, which knows no lane; test/soak, test/outside and test/mutations are programs', async () => {
    const names = (await readdir(test, { recursive: true })).filter((name) => name.endsWith('.ts'));
    const known = (await Promise.all(names.map((name) => importsOf(join(test, name), test)))).flat();
    const own = known.filter(({ to }) => to.startsWith('./') && !/^\.\/\.\.\/(src|scripts)\//.test(to));
    expect(own).toContainEqual({
      from: 'soak/soak.ts',
      to: './support/outcome.ts',
      typesOnly: true,
    });
    const strays = own.filter(({ from, to }) => !['support', roomOf(from)].includes(roomOf(to)));
    expect(strays.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });
});

function findCircle(edges: readonly Pick<Import, 'from' | 'to'>[]): string[] | undefined {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to.slice(2)]);
  const done = new Set<string>();
  const visit = (file: string, path: string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const target of next.get(file) ?? []) {
      const circle = visit(target, [...path, file]);
      if (circle) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of next.keys()) {
    const circle = visit(file, []);
    if (circle) return circle;
  }
  return undefined;
}
