import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import {
  compareSets,
  findOverdue,
  findRejected,
  findUnreadableParts,
  type KeyProblem,
  type ServedKey,
  tellSome,
} from '../../src/keys/keyring/check.ts';
import { mostNamed } from '../../src/keys/keyring/left-out.ts';
import { CommandFailure, type Tools, clock, printJson, subcommand, withDatabase } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { readStoredKeys } from './keyring.ts';

type Options = { readonly url?: string; readonly offline: boolean; readonly json: boolean };

/** Milliseconds that a server may take to answer. */
const patience = 5000;

/** A set of a hundred keys has a tenth of that. */
const mostCharacters = 500_000;

export function addCheckCommand(program: Command): void {
  subcommand(program, 'check', 'For monitoring: exit 0 when all is well with the keys, 6 when something is not.')
    .option('--url <url>', 'the server whose key set is compared with the database; ISSUER when it is left out', toUrl)
    .option('--offline', 'look at the database and the private parts only', false)
    .addHelpText(
      'after',
      `
Checked are: whether the served key set is what the database says (published_set), whether every private part can be
read (private_parts), whether every row is what a server wrote (facts), and whether something is due that no server has
done (due). Nothing is changed. Point --url at a server itself, with its BASE_PATH behind it: in a cache, the set may
rightly be a few minutes old. A row that no server wrote is left out of everything until it is revoked, or put back as it was. So
is one that waits for a key-encryption key that is not at hand. Of very many, twenty of a kind are named and the others counted.
`,
    )
    .action((options: Options) =>
      withDatabase(async (tools) => {
        const problems = await findProblems(tools, options);
        const told = tellSome(problems, mostNamed);
        if (options.json) printJson({ healthy: problems.length === 0, problems: told });
        else if (problems.length === 0) say('All is well with the keys.');
        else for (const { check, kid, detail } of told) say([check, kid, detail].filter(Boolean).join('  '));
        if (problems.length > 0) throw new CommandFailure('unhealthy', `${problems.length} to look into.`);
      }),
    );
}

async function findProblems(tools: Tools, { url, offline }: Options): Promise<KeyProblem[]> {
  const stored = await readStoredKeys(tools);
  const { keyPolicy: policy, issuer } = tools.config;
  const problems = [
    ...findUnreadableParts(stored),
    ...findRejected(stored.rejected, stored),
    ...findRejected(stored.unadopted, stored),
    ...findRejected(stored.waiting, stored),
    ...findOverdue(stored, clock(), policy),
  ];
  if (stored.fault !== null) problems.push({ check: 'private_parts', kid: null, detail: stored.fault });
  return offline ? problems : [...problems, ...(await compareWithServer(tools, url ?? issuer))];
}

/** A server may lag behind the database by `replicaRefresh`, so a difference counts when it is still there after that. */
async function compareWithServer(tools: Tools, url: string): Promise<KeyProblem[]> {
  const { keyPolicy: policy } = tools.config;
  const until = clock() + policy.replicaRefresh + 2;
  for (;;) {
    const stored = await readStoredKeys(tools);
    const served = await fetchSet(url);
    const problems = Array.isArray(served)
      ? compareSets(stored, served, clock(), policy)
      : [{ check: 'published_set', kid: null, detail: served } as const];
    if (problems.length === 0 || clock() >= until) return problems;
    await sleep(500);
  }
}

/** The keys that a server publishes, or why they cannot be had. Whatever answers there is not trusted. */
async function fetchSet(url: string): Promise<ServedKey[] | string> {
  const address = new URL(url.replace(/\/?(?:[?#].*)?$/s, '/.well-known/jwks.json'));
  try {
    const headers = { 'Cache-Control': 'no-cache' };
    const reply = await fetch(address, { headers, redirect: 'error', signal: AbortSignal.timeout(patience) });
    if (reply.status !== 200) return `${address.href} answers ${reply.status}`;
    const set = JSON.parse(await readText(reply)) as { keys?: unknown } | null;
    return Array.isArray(set?.keys) && set.keys.every(isObject) ? set.keys : `${address.href} is not a JWK Set`;
  } catch (error) {
    if (error instanceof SyntaxError) return `${address.href} is not a JWK Set`;
    const { message, cause } = error as Error;
    return `${address.href} cannot be fetched (${cause instanceof Error ? cause.message : message})`;
  }
}

async function readText(reply: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of reply.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > mostCharacters) throw new Error('it is far larger than a key set can be');
  }
  return text;
}

function isObject(value: unknown): value is ServedKey {
  return typeof value === 'object' && value !== null;
}

function toUrl(text: string): string {
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? ''))
    throw new InvalidArgumentError('It is written https://tokens.example.com.');
  return text;
}
