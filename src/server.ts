import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import cron, { type ScheduledTask } from 'node-cron';
import { type Logger, pino } from 'pino';
import { createApp } from './app.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { openDatabase } from './database/open.ts';
import type { AuditedDocument } from './http/audit.ts';
import { answerConnectionError } from './http/connection-errors.ts';
import { createServer } from './http/node-http.ts';
import { openKeyring } from './open-keyring.ts';

export type RunningServer = {
  /** What a newcomer needs to know. */
  readonly greeting: readonly string[];
  /** Refuses new work, finishes what is in flight, closes the database. */
  stop(): Promise<void>;
};

/** Opens the database, brings the keys up to date, and listens. */
export async function startServer(config: Config, clock: Clock = systemClock): Promise<RunningServer> {
  const log = pino({ level: config.logLevel, base: null }, pino.destination({ dest: 2, sync: true }));
  const database = await openDatabase(config.databaseUrl);
  try {
    const { keyring } = await openKeyring(config, { store: database.keys, clock, log });
    const app = await createApp({
      clock,
      log,
      keyring,
      stores: database,
      contract: await readContract(),
      issuer: config.issuer,
      audience: config.audience,
      accessTokenLifetime: config.keyPolicy.tokenLifetime,
      refreshTokenLifetime: config.refreshTokenLifetime,
      jwksMaxAge: config.keyPolicy.jwksMaxAge,
      passwordCost: config.passwordCost,
      replyChecks: config.replyChecks,
    });
    const server = createServer(serverLimits, app);
    server.on('clientError', answerConnectionError);
    server.on('checkExpectation', app);
    await listen(server, config);
    // node-cron only ticks: what is due is worked out from the facts, so a missed tick is made up for by the next. Its first
    // look at a time zone takes a while, so requests that wait already go first.
    const tick = await new Promise<ScheduledTask>((resolve) => {
      setImmediate(() => {
        resolve(cron.schedule('* * * * * *', () => keyring.tick(), { timezone: 'UTC', noOverlap: true }));
      });
    });
    return { greeting: greet(config), stop };

    async function stop(): Promise<void> {
      await tick.destroy();
      await drain(server, config.shutdownGrace, log);
      await database.close();
    }
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Milliseconds, but for the size; a client that is slower or sends more is cut off. A header sent twice is seen as such. */
const serverLimits = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
  requireHostHeader: false,
  joinDuplicateHeaders: true,
};

async function readContract(): Promise<{ document: AuditedDocument; yaml: string }> {
  const [json, yaml] = await Promise.all([
    readFile(new URL('./generated/contract.json', import.meta.url), 'utf8'),
    readFile(new URL('../openapi.yaml', import.meta.url), 'utf8'),
  ]);
  return { document: JSON.parse(json) as AuditedDocument, yaml };
}

async function listen(server: Server, { host, port }: Config): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Resolves when every connection has closed: the idle at once, the others after their reply, all after `grace` seconds. */
async function drain(server: Server, grace: number, log: Logger): Promise<void> {
  const closed = new Promise<void>((resolve) =>
    server.close(() => {
      resolve();
    }),
  );
  server.prependListener('request', (_request, response) => {
    response.shouldKeepAlive = false;
  });
  server.closeIdleConnections();
  const closeIdle = setInterval(() => {
    server.closeIdleConnections();
  }, 50);
  const giveUp = setTimeout(() => {
    log.warn('some requests were still in flight after the grace period');
    server.closeAllConnections();
  }, grace * 1000);
  await closed;
  clearInterval(closeIdle);
  clearTimeout(giveUp);
}

function greet({ issuer }: Config): string[] {
  return [
    `Tessera  ${issuer}`,
    `Docs     ${issuer}/docs`,
    `Keys     ${issuer}/.well-known/jwks.json`,
    'Next     npm run users -- create --username admin --admin && npm run clients -- create --name my-service --scope tokens:introspect',
  ];
}
