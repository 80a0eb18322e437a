import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newInstallation, startProcess } from './support/process.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

async function copyOfTheProject(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'tessera-copy-'));
  onTestFinished(() => rm(copy, { recursive: true, force: true }));
  for (const name of ['package.json', 'tsconfig.json', 'openapi.yaml', 'src', 'scripts']) {
    await cp(join(root, name), join(copy, name), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

async function npmRun(script: string, folder: string): Promise<{ code: unknown; output: string }> {
  const child = spawn('npm', ['run', '--silent', script], { cwd: folder });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, output: stdout + stderr };
}

async function edit(file: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(file, 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  await writeFile(file, after);
}

const operation = `
  /greetings:
    post:
      operationId: greet
      tags: [Health]
      summary: Greet the caller
      description: Says hello.
      security:
        - bearerAuth: [profile:read]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              required: [greeting]
              properties:
                greeting: { type: string, maxLength: 20 }
      responses:
        '200':
          description: The greeting.
          headers:
            Cache-Control: { $ref: '#/components/headers/NoStore' }
          content:
            application/json:
              schema:
                type: object
                additionalProperties: false
                required: [text]
                properties:
                  text: { type: string }
        '400': { $ref: '#/components/responses/BadRequest' }
        '401': { $ref: '#/components/responses/Unauthorized' }
        '403': { $ref: '#/components/responses/Forbidden' }
        '413': { $ref: '#/components/responses/ContentTooLarge' }
        '415': { $ref: '#/components/responses/UnsupportedMediaType' }
        '500': { $ref: '#/components/responses/ServerError' }
`;

const handler = `
export function greet(): Handler<'greet'> {
  return ({ caller, body }) => ({ status: 200, body: { text: \`\${body.greeting}, \${caller.claims.sub}\` } });
}
`;

describe('adding an operation, in a copy of the project', () => {
  it('takes four steps: contract, generate, what the compiler names, handler', { timeout: 120_000 }, async () => {
    const copy = await copyOfTheProject();

    await edit(join(copy, 'openapi.yaml'), (yaml) =>
      yaml.replace('\nx-unmatched-replies:', `${operation}\nx-unmatched-replies:`),
    );
    expect(await npmRun('generate', copy)).toEqual({ code: 0, output: '' });

    const before = await npmRun('types', copy);
    expect(before.code).not.toBe(0);
    expect(before.output).toMatch(/src\/app\.ts\(\d+,\d+\): error TS2741: Property 'greet' is missing/);

    await edit(join(copy, 'src/operations/health.ts'), (code) => code + handler);
    await edit(join(copy, 'src/app.ts'), (code) =>
      code.replace(
        'getLiveness: health.getLiveness(),',
        'greet: health.greet(),\n    getLiveness: health.getLiveness(),',
      ),
    );
    expect(await npmRun('types', copy)).toEqual({ code: 0, output: '' });

    const installation = await newInstallation();
    await startProcess(installation, join(copy, 'src/main.ts'));
    const { url } = installation;
    const json = { 'Content-Type': 'application/json' };
    const account = JSON.stringify({ username: 'ada', password: 'correct horse battery' });
    await fetch(`${url}/users`, { method: 'POST', headers: json, body: account });
    const form = new URLSearchParams({ grant_type: 'password', ...(JSON.parse(account) as Record<string, string>) });
    const tokens = (await (await fetch(`${url}/token`, { method: 'POST', body: form })).json()) as {
      access_token: string;
    };
    const greet = (body: object, authorization = `Bearer ${tokens.access_token}`) =>
      fetch(`${url}/greetings`, {
        method: 'POST',
        headers: { ...json, Authorization: authorization },
        body: JSON.stringify(body),
      });

    const reply = await greet({ greeting: 'Hello' });
    expect(reply.status).toBe(200);
    expect(await reply.json()).toEqual({ text: expect.stringMatching(/^Hello, usr_/) as string });
    expect((await greet({ greeting: 'x'.repeat(21) })).status).toBe(400);
    expect((await greet({ greeting: 'Hello' }, 'Bearer nonsense')).status).toBe(401);
  });
});
