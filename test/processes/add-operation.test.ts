import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { compileCache } from '../support/compile-cache.ts';
import { newInstallation } from '../support/installation.ts';
import { finished } from '../support/process.ts';
import { copyProject, edit } from '../support/project-copy.ts';
import { startServer } from '../support/server-process.ts';

async function npmRun(script: string, folder: string): Promise<{ code: unknown; output: string }> {
  const { code, stdout, stderr } = await finished(
    spawn('npm', ['run', '--silent', script], { cwd: folder, env: { ...process.env, ...compileCache } }),
  );
  return { code, output: stdout + stderr };
}

const operation = `
  /greetings/{times}:
    post:
      operationId: greet
      tags: [Health]
      summary: Greet the caller
      description: Says hello.
      security:
        - bearerAuth: [profile:read]
      parameters:
        - name: times
          in: path
          required: true
          description: How often.
          schema: { type: integer, minimum: 1, maximum: 3 }
      requestBody:
        content:
          application/merge-patch+json:
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
  return ({ caller, body, path }) => {
    const greeting = (body?.greeting ?? 'Hello').repeat(path.times + 1);
    return { status: 200, body: { text: \`\${greeting}, \${caller.claims.sub}\` } };
  };
}
`;

describe('adding an operation, in a copy of the project', () => {
  it('takes four steps: contract, generate, what the compiler names, handler', { timeout: 300_000 }, async () => {
    const { folder: copy, remove } = await copyProject();
    onTestFinished(remove);

    await edit(join(copy, 'openapi.yaml'), (yaml) =>
      yaml.replace('\nx-implied-methods:', `${operation}\nx-implied-methods:`),
    );
    expect(await npmRun('generate', copy)).toEqual({ code: 0, output: '' });

    // Types are looked at twice, the second time only where something has changed.
    await edit(join(copy, 'tsconfig.json'), (text) =>
      text.replace('"noEmit": true', '"noEmit": true, "incremental": true'),
    );
    const before = await npmRun('types', copy);
    expect(before.code).not.toBe(0);
    expect(before.output).toMatch(/src\/server\/handlers\.ts\(\d+,\d+\): error TS2741: Property 'greet' is missing/);

    await edit(join(copy, 'src/operations/health.ts'), (code) => code + handler);
    await edit(join(copy, 'src/server/handlers.ts'), (code) =>
      code.replace(
        'getLiveness: health.getLiveness(),',
        'greet: health.greet(),\n    getLiveness: health.getLiveness(),',
      ),
    );
    expect(await npmRun('types', copy)).toEqual({ code: 0, output: '' });

    const installation = await newInstallation();
    await startServer(installation, { main: join(copy, 'src/main.ts') });
    const { url } = installation;
    const json = { 'Content-Type': 'application/json' };
    const account = JSON.stringify({ username: 'ada', password: 'correct horse battery' });
    await fetch(`${url}/users`, { method: 'POST', headers: json, body: account });
    const form = new URLSearchParams({ grant_type: 'password', ...(JSON.parse(account) as Record<string, string>) });
    const tokens = (await (await fetch(`${url}/token`, { method: 'POST', body: form })).json()) as {
      access_token: string;
    };
    const greet = (times: string, body?: object, authorization = `Bearer ${tokens.access_token}`) =>
      fetch(`${url}/greetings/${times}`, {
        method: 'POST',
        headers: { ...(body && { 'Content-Type': 'application/merge-patch+json' }), Authorization: authorization },
        ...(body && { body: JSON.stringify(body) }),
      });

    const reply = await greet('1', { greeting: 'Ho' });
    expect(reply.status).toBe(200);
    // A number by then, as the contract says: 1 and 1 is 2.
    expect(await reply.json()).toEqual({ text: expect.stringMatching(/^HoHo, usr_/) as string });
    expect(await (await greet('1')).json()).toEqual({ text: expect.stringMatching(/^HelloHello, usr_/) as string });
    expect((await greet('1', { greeting: 'x'.repeat(21) })).status).toBe(400);
    expect((await greet('4', { greeting: 'Ho' })).status).toBe(400);
    expect((await greet('often', { greeting: 'Ho' })).status).toBe(400);
    expect((await greet('1', { greeting: 'Ho' }, 'Bearer nonsense')).status).toBe(401);
  });
});
