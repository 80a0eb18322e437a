/*
 * The floor: a bare Express server doing the same work by hand, as a competent engineer would for one service. It has
 * no contract and checks neither requests nor replies beyond what the work itself needs. Everything that can be done
 * once (statements prepared, keys imported, the key set built) is done once.
 */
import { hash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import argon2 from 'argon2';
import express, { type Request, type Response } from 'express';
import { importJWK, importPKCS8, jwtVerify, SignJWT, type CryptoKey, type JWK, type JWTHeaderParameters } from 'jose';
import { openFloorDatabase } from './floor-data.ts';

type KeyRow = { kid: string; signs: number; public_jwk: string; private_pem: string };
type ClientRow = { id: string; secret_hash: Uint8Array; scope: string };
type UserRow = { id: string; password_hash: string; disabled_at: number | null };
type SessionUserRow = {
  id: string;
  username: string;
  name: string | null;
  roles: string;
  created_at: number;
  updated_at: number;
};

const port = Number(process.env['PORT']);
const issuer = `http://127.0.0.1:${port}`;
const audience = issuer;
const accessTokenFor = 900;
const refreshTokenFor = 30 * 86_400;
const firstPartyClient = 'first-party';
const userScope = 'profile:read profile:write';

const database = openFloorDatabase(process.env['FLOOR_DATABASE'] ?? 'floor.db');
const findClient = database.prepare('SELECT id, secret_hash, scope FROM clients WHERE id = ?');
const findUser = database.prepare('SELECT id, password_hash, disabled_at FROM users WHERE username = ?');
const insertSession = database.prepare('INSERT INTO sessions VALUES (?, ?, ?, ?, NULL)');
const insertRefreshToken = database.prepare('INSERT INTO refresh_tokens VALUES (?, ?, ?)');
const findLiveSession = database.prepare(`
  SELECT users.id, users.username, users.name, users.roles, users.created_at, users.updated_at
  FROM sessions JOIN users ON users.id = sessions.user_id
  WHERE sessions.id = ? AND users.id = ? AND sessions.revoked_at IS NULL AND users.disabled_at IS NULL
`);

// The casts of rows here and below name what each SELECT lists; node:sqlite cannot know it.
const keyRows = database.prepare('SELECT * FROM keys').all() as KeyRow[];
const keySet = { keys: keyRows.map((row) => JSON.parse(row.public_jwk) as JWK) };
const verificationKeys = new Map(
  await Promise.all(keySet.keys.map(async (jwk) => [jwk.kid, await importJWK(jwk, 'RS256')] as const)),
);
const signer = keyRows.find((row) => row.signs === 1);
if (signer === undefined) throw new Error('the floor has no signing key: it is started by bench.ts, which seeds it');
const signerKid = signer.kid;
const signingKey = await importPKCS8(signer.private_pem, 'RS256');

function epochSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

function verificationKey({ kid }: JWTHeaderParameters): CryptoKey | Uint8Array {
  const key = verificationKeys.get(kid);
  if (!key) throw new Error('a key that this server never had');
  return key;
}

function signAccessToken(subject: string, clientId: string, scope: string, sessionId?: string): Promise<string> {
  const now = epochSeconds();
  return new SignJWT({ client_id: clientId, scope, ...(sessionId !== undefined && { sid: sessionId }) })
    .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: signerKid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(subject)
    .setIssuedAt(now)
    .setExpirationTime(now + accessTokenFor)
    .setJti(randomUUID())
    .sign(signingKey);
}

function basicCredentials(request: Request): { id: string; secret: string } | undefined {
  const header = request.headers.authorization;
  if (header?.startsWith('Basic ') !== true) return undefined;
  const [id = '', secret = ''] = Buffer.from(header.slice(6), 'base64').toString().split(':');
  return { id: decodeURIComponent(id), secret: decodeURIComponent(secret) };
}

async function grantClientCredentials(request: Request, response: Response): Promise<void> {
  const credentials = basicCredentials(request);
  const client = credentials && (findClient.get(credentials.id) as ClientRow | undefined);
  if (!client || !timingSafeEqual(hash('sha256', credentials.secret, 'buffer'), client.secret_hash)) {
    response.status(401).set('WWW-Authenticate', 'Basic').json({ error: 'invalid_client' });
    return;
  }
  const accessToken = await signAccessToken(client.id, client.id, client.scope);
  response.set('Cache-Control', 'no-store').json({
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: accessTokenFor,
    scope: client.scope,
  });
}

function startSession(userId: string): { sessionId: string; refreshToken: string } {
  const sessionId = randomUUID();
  const refreshToken = randomBytes(32).toString('base64url');
  const now = epochSeconds();
  database.exec('BEGIN IMMEDIATE');
  try {
    insertSession.run(sessionId, userId, userScope, now);
    insertRefreshToken.run(hash('sha256', refreshToken, 'buffer'), sessionId, now + refreshTokenFor);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
  return { sessionId, refreshToken };
}

async function grantPassword(request: Request, response: Response): Promise<void> {
  const { username, password } = request.body as { username: string; password: string };
  const user = findUser.get(username) as UserRow | undefined;
  if (!user || user.disabled_at !== null || !(await argon2.verify(user.password_hash, password))) {
    response.status(400).json({ error: 'invalid_grant' });
    return;
  }
  const { sessionId, refreshToken } = startSession(user.id);
  response.set('Cache-Control', 'no-store').json({
    access_token: await signAccessToken(user.id, firstPartyClient, userScope, sessionId),
    token_type: 'Bearer',
    expires_in: accessTokenFor,
    refresh_token: refreshToken,
    scope: userScope,
  });
}

const app = express();

app.get('/livez', (_request, response) => {
  response.json({ status: 'ok' });
});

app.get('/.well-known/jwks.json', (_request, response) => {
  response.set({ 'Cache-Control': 'public, max-age=300', 'Access-Control-Allow-Origin': '*' }).json(keySet);
});

app.post('/token', express.urlencoded({ extended: false }), async (request, response) => {
  const { grant_type: grantType } = request.body as { grant_type?: string };
  if (grantType === 'client_credentials') return grantClientCredentials(request, response);
  if (grantType === 'password') return grantPassword(request, response);
  response.status(400).json({ error: 'unsupported_grant_type' });
});

const verification = { issuer, audience, typ: 'at+jwt', algorithms: ['RS256'] };

app.get('/users/me', async (request, response) => {
  const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const verified = await jwtVerify(token, verificationKey, verification).catch(() => undefined);
  const { sid, sub } = verified?.payload ?? {};
  const user =
    typeof sid === 'string' && sub !== undefined
      ? (findLiveSession.get(sid, sub) as SessionUserRow | undefined)
      : undefined;
  if (!user) {
    response.status(401).set('WWW-Authenticate', 'Bearer error="invalid_token"').json({ title: 'Unauthorized' });
    return;
  }
  response.set('Cache-Control', 'no-store').json({
    id: user.id,
    username: user.username,
    name: user.name,
    roles: JSON.parse(user.roles) as string[],
    created_at: new Date(user.created_at * 1000).toISOString(),
    updated_at: new Date(user.updated_at * 1000).toISOString(),
  });
});

const server = app.listen(port, '127.0.0.1');

process.once('SIGTERM', () => {
  server.close(() => {
    database.close();
  });
  server.closeIdleConnections();
});
