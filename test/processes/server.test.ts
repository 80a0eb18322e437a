import { once } from 'node:events';
import { chmod, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { describeFatalError } from '../../src/server/fatal-error.ts';
import { startServer } from '../../src/server/server.ts';
import { freePort } from '../support/free-port.ts';
import { runCommand } from '../support/command.ts';
import { type Installation, newInstallation } from '../support/installation.ts';
import { storedKids } from '../support/installed-data.ts';
import { fetchKeys, kidsIn } from '../support/jwks.ts';
import { type Finished, run } from '../support/process.ts';
import { launchServer } from '../support/server-process.ts';
import { usedInstallation } from '../support/used-installation.ts';

const databaseOf = ({ folder }: Installation) => join(folder, 'data', 'tessera.db');
const keyFileOf = ({ folder }: Installation) => join(folder, 'keys', 'key-encryption-key');

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

/** Starts the server, and ends it again as a crash would. */
async function startOnce(installation: Installation): Promise<{ kids: string[] }> {
  const { child, ready, ended, printed } = launchServer(installation);
  await ready;
  const kids = kidsIn(await fetchKeys(installation.url));
  child.kill('SIGKILL');
  await ended;
  expect(printed.stderr).toBe('');
  return { kids };
}

/** A start that is expected to fail, in this process: the same words, and quicker than a process for each. */
async function start({ environment }: Installation): Promise<Finished> {
  try {
    const server = await startServer(readConfig(environment));
    await server.stop();
    return { code: 0, stdout: '', stderr: '' };
  } catch (error) {
    return { code: 1, stdout: '', stderr: describeFatalError(error, 'Tessera cannot start') };
  }
}

/** One line or a few for the operator, exit code 1, and nothing that looks like a crash. */
function expectNoStart({ code, stdout, stderr }: Finished, saying: RegExp): void {
  expect(stderr).toMatch(saying);
  expect(stderr).not.toMatch(/\n +at |node_modules/);
  expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
}

describe('the first start', () => {
  it('greets in four lines, makes what it needs for its owner alone, and two keys; the next start makes none', async () => {
    const installation = await newInstallation({ LOG_LEVEL: 'info' });
    const { url, folder } = installation;
    const { child, ready, ended, printed } = launchServer(installation);
    await ready;

    const lines = printed.stdout.split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toBe(`Tessera  ${url}`);
    expect(lines[1]).toBe(`Docs     ${url}/docs`);
    expect(lines[2]).toBe(`Keys     ${url}/.well-known/jwks.json`);
    expect(lines[3]).toMatch(/^Next {5}npm run users -- create .*--admin.* npm run clients -- create .*--scope/);
    expect(lines[4]).toBe('');
    expect(printed.stderr).toBe('');

    const files = ['data', 'data/tessera.db', 'data/tessera.db-wal', 'data/tessera.db-shm', 'keys'];
    const modes = await Promise.all([...files, 'keys/key-encryption-key'].map((file) => modeOf(join(folder, file))));
    expect(modes).toEqual(['700', '600', '600', '600', '700', '600']);
    expect((await readdir(folder, { recursive: true })).length).toBe(files.length + 1);

    const kids = kidsIn(await fetchKeys(url));
    expect(new Set(kids).size).toBe(2);
    const kek = await readFile(keyFileOf(installation), 'utf8');
    child.kill('SIGKILL');
    await ended;
    expect((await startOnce(installation)).kids).toEqual(kids);
    expect(storedKids(installation)).toEqual(kids);
    expect(await readFile(keyFileOf(installation), 'utf8')).toBe(kek);
  });

  it('may happen in two processes at the same moment: both serve, with the same keys in one line', async () => {
    for (let round = 0; round < 2; round += 1) {
      const first = await newInstallation();
      const port = await freePort();
      const second = {
        ...first,
        url: `http://127.0.0.1:${port}`,
        environment: { ...first.environment, PORT: String(port) },
      };
      const servers = [launchServer(first), launchServer(second)];
      await Promise.all(servers.map(({ ready }) => ready));
      const sets = await Promise.all([fetchKeys(first.url), fetchKeys(second.url)]);
      const [one, other] = sets.map(kidsIn);
      expect(one).toEqual(storedKids(first));
      expect(other).toEqual(one);
      expect(one).toHaveLength(2);
      expect(servers.map(({ printed }) => printed.stderr)).toEqual(['', '']);
      for (const { child } of servers) child.kill('SIGKILL');
    }
  });
});

describe('the key-encryption key', () => {
  const other = Buffer.alloc(32, 7).toString('base64url');
  const faults: Record<string, { damage: (path: string) => Promise<void>; saying: RegExp }> = {
    missing: {
      damage: (path) => rm(path),
      saying: /key-encryption key is missing: .*keys\/key-encryption-key.* never made over existing keys/,
    },
    wrong: { damage: (path) => writeFile(path, other), saying: /key-encryption key/ },
    malformed: { damage: (path) => writeFile(path, 'not a key'), saying: /is malformed: expected 32 bytes in base64/ },
    empty: { damage: (path) => writeFile(path, ''), saying: /is malformed/ },
    'open to others': { damage: (path) => chmod(path, 0o644), saying: /open to others .*mode 0644.*chmod 600/ },
  };

  it('keeps the server from starting when it does not fit, and nothing is made in its place', async () => {
    await Promise.all(
      Object.entries(faults).map(async ([name, { damage, saying }]) => {
        const installation = await usedInstallation();
        const kids = storedKids(installation);
        await damage(keyFileOf(installation));
        const before = await readFile(keyFileOf(installation), 'utf8').catch(String);
        const end = name === 'missing' ? run('src/main.ts', [], installation) : start(installation);
        expectNoStart(await end, saying);
        expect(await readFile(keyFileOf(installation), 'utf8').catch(String)).toBe(before);
        expect(storedKids(installation)).toEqual(kids);
      }),
    );
  });

  it('is not read from a folder of its name, as a container runtime makes one for a file that is not there', async () => {
    const installation = await usedInstallation();
    await rm(keyFileOf(installation));
    await mkdir(keyFileOf(installation));
    expectNoStart(await start(installation), /^The key-encryption key in .* is not a file/);
  });

  it('keeps the command line from changing keys in the same way', async () => {
    const installation = await usedInstallation();
    await rm(keyFileOf(installation));
    const kids = storedKids(installation);
    expectNoStart(await runCommand('keys', ['rotate', '--force'], installation), /key-encryption key is missing/);
    await expect(stat(keyFileOf(installation))).rejects.toThrow('ENOENT');
    expect(storedKids(installation)).toEqual(kids);
  });

  it('may come from the environment; then no file is made, and another one does not do', async () => {
    const key = { KEY_ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64') };
    const installation = await newInstallation(key);
    const { kids } = await startOnce(installation);
    expect((await start(installation)).code).toBe(0);
    expect(storedKids(installation)).toEqual(kids);
    await expect(stat(keyFileOf(installation))).rejects.toThrow('ENOENT');

    const settings = [other, 'not a key', ''];
    const ends = await Promise.all(
      settings.map((value) => {
        const environment = { ...installation.environment, KEY_ENCRYPTION_KEY: value };
        return start({ ...installation, environment });
      }),
    );
    expectNoStart(ends[0] as Finished, /KEY_ENCRYPTION_KEY/);
    expectNoStart(ends[1] as Finished, /KEY_ENCRYPTION_KEY is malformed/);
    expectNoStart(ends[2] as Finished, /missing/);
    for (const { stderr } of ends) expect(stderr).not.toContain(other);
    await expect(stat(keyFileOf(installation))).rejects.toThrow('ENOENT');
  });
});

describe('what is in the way of a start is said in a line', () => {
  it('when the port is taken', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => {
      squatter.close();
    });
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    const installation = await newInstallation({ PORT: String(port) });
    expectNoStart(await run('src/main.ts', [], installation), new RegExp(`in use.*${port}`));
  });

  it('when the host is none of this machine', async () => {
    const installation = await newInstallation({ HOST: '192.0.2.1' });
    const saying = /^Tessera cannot start: HOST: 192\.0\.2\.1 is no address of this machine: .*EADDRNOTAVAIL/;
    expectNoStart(await start(installation), saying);
  });

  it('when a host does not resolve, or a port is taken: which setting that is', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => {
      squatter.close();
    });
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    const MANAGEMENT_PORT = String(await freePort());
    const faults: [environment: Record<string, string>, saying: RegExp][] = [
      [{ HOST: 'nowhere.invalid' }, /: HOST: nowhere\.invalid does not resolve to an address: getaddrinfo E/],
      [
        { MANAGEMENT_HOST: 'nowhere.invalid', MANAGEMENT_PORT },
        /: MANAGEMENT_HOST: nowhere\.invalid does not resolve to an address: getaddrinfo E/,
      ],
      [{ PORT: String(port) }, /: PORT: listen EADDRINUSE/],
      [{ MANAGEMENT_PORT: String(port) }, /: MANAGEMENT_PORT: listen EADDRINUSE/],
    ];
    for (const [environment, saying] of faults) {
      const installation = await newInstallation(environment);
      expectNoStart(await start(installation), new RegExp(`^Tessera cannot start${saying.source}`));
    }
  });

  it('when the database cannot be made, or is something else', async () => {
    const installation = await newInstallation();
    const { folder } = installation;
    await writeFile(join(folder, 'file'), 'a file, and no database, however long it is'.repeat(100));
    await mkdir(join(folder, 'folder'));
    const places = ['file/data/tessera.db', 'folder', 'file'];
    const ends = await Promise.all(
      places.map((place) => {
        const environment = { ...installation.environment, DATABASE_URL: `sqlite:${folder}/${place}` };
        return start({ ...installation, environment });
      }),
    );
    for (const [at, end] of ends.entries()) {
      expectNoStart(end, /^Tessera cannot start: .+/);
      expect(end.stderr).toContain(join(folder, places[at]?.split('/')[0] ?? ''));
    }
  });

  it('when the key-encryption key cannot be written', async () => {
    const installation = await newInstallation();
    const keysDir = join(installation.folder, 'file');
    await writeFile(keysDir, '');
    const environment = { ...installation.environment, KEYS_DIR: keysDir };
    expectNoStart(await start({ ...installation, environment }), /key-encryption key.*file/);
  });

  it('when the database is ahead of the code, which is then left alone', async () => {
    const installation = await usedInstallation();
    const database = new DatabaseSync(databaseOf(installation));
    database.exec("insert into kysely_migration (name, timestamp) values ('999-from-the-future', '2999-01-01')");
    database.close();
    expectNoStart(await run('src/main.ts', [], installation), /999-from-the-future/);
    expectNoStart(await runCommand('keys', ['list'], installation), /999-from-the-future/);
  });

  it('when a database that is new stays locked', async () => {
    const installation = await newInstallation();
    await mkdir(join(installation.folder, 'data'));
    const database = new DatabaseSync(databaseOf(installation));
    database.exec('begin exclusive');
    const end = await start(installation);
    database.close();
    expectNoStart(end, /^Tessera cannot start: .*database/i);
  });
});

describe('a database that others keep from being written', () => {
  it('does not keep the server from starting, and from serving what can be read', async () => {
    const installation = await usedInstallation();
    const database = new DatabaseSync(databaseOf(installation));
    database.exec('begin immediate');
    const { child, ready } = launchServer(installation);
    await ready;
    expect(kidsIn(await fetchKeys(installation.url))).toHaveLength(2);
    child.kill('SIGKILL');
    database.close();
  });
});
