import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { PostgresFault } from '../../../src/database/postgres/faults.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { redactText } from '../../../src/telemetry/redaction.ts';
import { Unavailable } from '../../../src/unavailable.ts';

/** What no line may have in it. Letters only, so that no pattern takes it for anything. */
const marked = 'MARKEDSECRET';

function logger() {
  const lines: string[] = [];
  return { log: createLogger('trace', { write: (line) => void lines.push(line) }), lines };
}

function written(detail: object, message?: string): string {
  const { log, lines } = logger();
  log.error(detail, message);
  expect(lines).toHaveLength(1);
  // A line that was spoilt would be lost to whoever reads them.
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 50 });
  return lines.join('');
}

const names = [
  ...['password', 'current_password', 'new_password', 'client_secret', 'token', 'access_token', 'refresh_token'],
  ...[
    'client_assertion',
    'authorization',
    'Authorization',
    'cookie',
    'Set-Cookie',
    'd',
    'p',
    'q',
    'dp',
    'dq',
    'qi',
    'k',
  ],
  ...[
    'sealed',
    'sealed_private_key',
    'sealedPrivateKey',
    'privateKey',
    'password_hash',
    'passwordHash',
    'KEY_ENCRYPTION_KEY',
  ],
  ...[
    'KEY_ENCRYPTION_KEY_PREVIOUS',
    'keyEncryptionKey',
    'clientSecret',
    'refreshToken',
    'sealedSuccessor',
    'secret_hash',
  ],
  ...['parameters', 'body', 'query'],
];

describe('a member that is a secret by its name', () => {
  it.each(names)('is not written: %s, however deep it lies', (name) => {
    const holder = { [name]: marked, kept: 'seen' };
    const deep = [holder, { a: holder }, { a: { b: [holder] } }, { a: { b: { c: { d2: [[holder]] } } } }];
    for (const detail of [...deep, { list: [{ [name]: [marked] }] }, { a: { [name]: { inner: marked } } }]) {
      const line = written(detail);
      expect(line).not.toContain(marked);
      expect(line).toContain('[redacted]');
    }
    expect(written({ a: { b: [holder] } })).toContain('seen');
  });

  it('is not written in a Map, a Set, or bytes', () => {
    const map = written({ map: new Map([['a', { password: marked, kept: 'seen' }]]) });
    expect(map).not.toContain(marked);
    expect(map).toContain('seen');
    expect(written({ set: new Set([{ token: marked }]) })).not.toContain(marked);
    expect(written({ bytes: Buffer.from(marked), view: new Uint8Array(Buffer.from(marked)) })).not.toMatch(
      /MARKED|77,65/,
    );
  });

  it('cannot come in by a child logger, whose bindings pino writes unseen: nothing makes one', async () => {
    const src = fileURLToPath(new URL('../../../src/', import.meta.url));
    const names = (await readdir(src, { recursive: true })).filter((name) => name.endsWith('.ts'));
    expect(names.length).toBeGreaterThan(100);
    for (const name of names) expect(await readFile(src + name, 'utf8')).not.toMatch(/\.(child|setBindings)\(/);
  });

  it('leaves what is none as it is, and null where there is no secret', () => {
    const detail = {
      kid: 'one',
      tokensExpireAt: 5,
      status: 200,
      token: null,
      operation: 'issueToken',
      tokenLifetime: 9,
    };
    expect(JSON.parse(written(detail))).toMatchObject(detail);
  });

  it('is found in what goes round in circles or is very deep, which ends', () => {
    const circle: Record<string, unknown> = { password: marked };
    circle['self'] = circle;
    expect(written({ circle })).not.toContain(marked);
    let deep: object = { password: marked, plain: marked };
    for (let levels = 0; levels < 30; levels += 1) deep = { deep };
    expect(written(deep)).not.toContain(marked);
  });
});

describe('an error', () => {
  /** As pg makes them: it quotes the row, and the statement with what it was given. */
  const fromServer = Object.assign(new pg.DatabaseError('duplicate key value', 1, 'error'), {
    code: '23505',
    detail: `Key (username)=(${marked}) already exists.`,
    where: marked,
    internalQuery: marked,
    parameters: [marked],
  });

  it.each([
    ['by itself', fromServer],
    ['as a cause', new Unavailable('The database is unavailable.', { cause: fromServer })],
    ['as the cause of a cause', new Error('a', { cause: new PostgresFault('1', 'b') })],
    ['among several', new AggregateError([fromServer, new Error('x', { cause: fromServer })], 'several')],
    ['with a cause that is none', new Error('a', { cause: { message: marked, detail: marked } })],
    [
      'with what a client for HTTP hangs on it',
      Object.assign(new Error('a'), { config: { headers: marked }, request: marked }),
    ],
  ])('says its kind, message, code and causes, and nothing that hangs on it: %s', (_, error) => {
    for (const detail of [{ err: error }, { error }, { a: { b: [error] } }, error]) {
      const line = written(detail, 'it failed');
      expect(line).not.toContain(marked);
      expect(line).toContain(error.message);
    }
  });

  it('ends, where its causes go round in a circle', () => {
    const circle = new Error('round');
    circle.cause = new AggregateError([circle, circle], 'and round', { cause: circle });
    expect(written({ err: circle }).length).toBeLessThan(1_000_000);
  });

  it('keeps what an operator needs', () => {
    const { err } = JSON.parse(written({ err: new Unavailable('Away.', { cause: fromServer }) })) as { err: object };
    expect(err).toMatchObject({
      type: 'Unavailable',
      message: 'Away.',
      cause: { message: 'duplicate key value', code: '23505' },
    });
    expect(err).toHaveProperty('stack');
  });

  it('does not repeat a secret that a library put in its message, as message of the line either', () => {
    const url = `postgres://tessera:${marked}@db.example.com:5432/tessera?sslmode=disable`;
    const error = new TypeError(`Invalid URL ${url}`, { cause: new Error(url) });
    const { log, lines } = logger();
    log.error(error);
    log.error({ err: error });
    log.error(`cannot connect to ${url}`);
    log.warn({ DATABASE_URL: url }, 'a line');
    expect(lines.join('')).not.toContain(marked);
    expect(lines.join('').match(/db\.example\.com/g)?.length).toBeGreaterThanOrEqual(5);
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });
});

describe('a text with the look of a secret', () => {
  const random = randomBytes(32).toString('base64url');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const pemBody = pem.split('\n')[1] ?? '';

  it.each([
    ['a refresh token', `trt_${random}`, random],
    ['a client secret', `tcs_${random}`, random],
    ['a JWT', `eyJhbGciOiJSUzI1NiJ9.${random}.${random}`, random],
    ['a password hash', `$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$${random}`, random],
    ['a sealed key', `v1.${random.slice(0, 12)}.${random.slice(0, 16)}.${random}${random}`, random],
    ['a sealed successor', `v1.${random.slice(0, 16)}.${random}${random}`, random],
    ['a header', `Authorization: Bearer ${random}`, random],
    ['a header of a client', `authorization: Basic ${random}`, random],
    ['a private key', pem, pemBody],
    ['a private key that is cut', pem.slice(0, 120), pemBody.slice(0, 40)],
    ['a URL', `redis://:${random}@host`, random],
    ['a URL with an @ in it', `postgres://a:x@${random}@host/db`, random],
  ])('is not written: %s', (_, text, secret) => {
    expect(secret.length).toBeGreaterThan(20);
    expect(redactText(`before ${text} after`)).not.toContain(secret);
    for (const detail of [{ reason: text }, { a: [{ b: `x "${text}" y` }] }, { err: new Error(text) }])
      expect(written(detail, `"${text}"`)).not.toContain(secret);
  });

  it.each([
    'https://tokens.example.com/.well-known/jwks.json',
    'npm install v1.2.3',
    'http://127.0.0.1:8080 and somebody@example.com',
    'an Authorization header of another kind: Bearer or Basic',
  ])('leaves others alone: %s', (text) => {
    expect(redactText(text)).toBe(text);
  });
});
