/**
 * Writes src/generated/ from openapi.yaml: the types, the route table, and the contract as JSON.
 * With `--check` it writes nothing and fails when a file is stale.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import openapiTS, { astToString } from 'openapi-typescript';
import { YAMLParseError, parse } from 'yaml';
import { complain, printableLines } from '../src/terminal.ts';
import { type OpenApiDocument, tabulateRoutes } from './route-table.ts';

const root = new URL('../', import.meta.url);
const folder = new URL('src/generated/', root);
const banner = '// Written by `npm run generate` from openapi.yaml. Never edit by hand.\n\n';

const { check } = new Command('generate')
  .description('Write src/generated/ from openapi.yaml.')
  .option('--check', 'write nothing; exit 1 when a generated file is stale', false)
  .configureOutput({
    outputError: (text, write) => {
      write(printableLines(text));
    },
  })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<{ check: boolean }>();

const yaml = await readFile(new URL('openapi.yaml', root), 'utf8');
const document = read(yaml);

const files: Record<string, string> = {
  'api.ts': banner + astToString(await openapiTS(yaml, { immutable: true })),
  'routes.ts':
    banner +
    `import type { RouteTable } from '../http/route.ts';\n\n` +
    `export const routes = ${JSON.stringify(tabulateRoutes(document), null, 2)} as const satisfies RouteTable;\n`,
  'contract.json': JSON.stringify(document) + '\n',
};

const stale: string[] = [];
await mkdir(folder, { recursive: true });
for (const [name, text] of Object.entries(files)) {
  const url = new URL(name, folder);
  const present = await readFile(url, 'utf8').catch(() => undefined);
  if (present === text) continue;
  stale.push(name);
  if (!check) await writeFile(url, text);
}

if (check && stale.length > 0) {
  complain(`src/generated/ is stale (${stale.join(', ')}): run \`npm run generate\` and commit what it writes.`);
  process.exitCode = 1;
}

function read(text: string): OpenApiDocument {
  try {
    return parse(text) as OpenApiDocument;
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    complain(...`openapi.yaml: ${error.message}`.split('\n'));
    process.exit(1);
  }
}
