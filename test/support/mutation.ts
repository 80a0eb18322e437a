/** A change on purpose: what it breaks, which tests catch it, and the diff. */
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export const kinds = [
  'locks',
  'isolation',
  'reuse-and-grace',
  'key-inequalities',
  'key-facts',
  'redaction',
  'throttles',
  'reply-checks',
  'contract',
] as const;

export type Kind = (typeof kinds)[number];

/** Tests as a patch names them. */
export type NamedTests = {
  /** Without its lane and without `.test.ts`: `operations/tokens.refresh`. */
  readonly path: string;
  /** A part of the title, which begins with those of the blocks around it, as in `block > test`; undefined for the whole file. */
  readonly title: string | undefined;
  /** The vitest project; undefined for whichever has the file and needs no PostgreSQL. */
  readonly project: string | undefined;
};

export type Mutation = {
  readonly kind: Kind;
  /** Its kind and the name of its file: `locks/client-row-not-locked`. */
  readonly slug: string;
  /** The path of the patch. */
  readonly file: string;
  readonly tests: NamedTests;
  /** Whether `npm run generate` has to follow. */
  readonly changesContract: boolean;
};

const folder = fileURLToPath(new URL('../mutations/', import.meta.url));

/** Those whose kind or slug is among `wanted`, or all where nothing is. Throws for a word that names none. */
export async function readMutations(wanted: readonly string[]): Promise<Mutation[]> {
  const all: Mutation[] = [];
  for (const kind of kinds) {
    const names = (await readdir(folder + kind)).filter((name) => name.endsWith('.patch'));
    for (const name of names.toSorted()) all.push(await readMutation(kind, name));
  }
  if (wanted.length === 0) return all;
  const isNamed = ({ kind, slug }: Mutation, word: string) => [kind, slug, slug.slice(kind.length + 1)].includes(word);
  const unknown = wanted.find((word) => !all.some((mutation) => isNamed(mutation, word)));
  if (unknown !== undefined) throw new Error(`No mutation and no kind is called ${unknown}.`);
  return all.filter((mutation) => wanted.some((word) => isNamed(mutation, word)));
}

async function readMutation(kind: Kind, name: string): Promise<Mutation> {
  const file = `${folder}${kind}/${name}`;
  const text = await readFile(file, 'utf8');
  const [header = '', diff] = text.split(/^(?=diff --git )/m);
  if (diff === undefined) throw new Error(`${file} holds no git diff.`);
  if (memberOf(header, 'What') === undefined) throw new Error(`${file} does not say what is broken (What: …).`);
  const caughtBy = memberOf(header, 'Caught by');
  if (caughtBy === undefined) throw new Error(`${file} does not say which tests catch it (Caught by: …).`);
  const [path = '', ...title] = caughtBy.split(' > ');
  return {
    kind,
    slug: `${kind}/${name.slice(0, -'.patch'.length)}`,
    file,
    tests: {
      path,
      title: title.length === 0 ? undefined : title.join(' > '),
      project: memberOf(header, 'Project'),
    },
    changesContract: text.includes('\n+++ b/openapi.yaml'),
  };
}

function memberOf(header: string, name: string): string | undefined {
  const line = header.split('\n').find((each) => each.startsWith(`${name}: `));
  return line?.slice(name.length + 2).trim();
}
