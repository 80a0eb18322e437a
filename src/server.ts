import { readFile } from 'node:fs/promises';
import cron, { type ScheduledTask } from 'node-cron';
import { type Logger, pino } from 'pino';
import { createApp } from './app.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { openDatabase } from './database/open.ts';
import type { AuditedDocument } from './http/audit.ts';
import { listen } from './http/listener.ts';
import type { Keyring } from './keys/keyring.ts';
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
    const keys = await openKeyring(config, { stores: database, clock, log, actor: { kind: 'schedule' } });
    const app = await createApp({
      clock,
      log,
      keys,
      stores: database,
      contract: await readContract(),
      issuer: config.issuer,
      audience: config.audience,
      accessTokenLifetime: config.keyPolicy.tokenLifetime,
      refreshTokenLifetime: config.refreshTokenLifetime,
      refreshReuseGrace: config.refreshReuseGrace,
      sessionLifetime: config.sessionLifetime,
      jwksMaxAge: config.keyPolicy.jwksMaxAge,
      passwordCost: config.passwordCost,
      passwordGrant: config.passwordGrant,
      loopbackJwksUri: config.loopbackJwksUri,
      replyChecks: config.replyChecks,
      rateLimits: config.rateLimits,
      trustedProxies: config.trustedProxies,
    });
    const listener = await listen(app, config);
    const tick = await startTicking(keys.keyring, log);
    return { greeting: greet(config), stop };

    async function stop(): Promise<void> {
      await tick.destroy();
      await listener.drain(config.shutdownGrace, () => {
        log.warn('some requests were still in flight after the grace period');
      });
      await keys.keyring.settle().catch((error: unknown) => {
        log.error({ err: error }, 'tokens that were signed are not on record: their keys may leave the set too early');
      });
      await database.close();
    }
  } catch (error) {
    await database.close();
    throw error;
  }
}

/**
 * node-cron only ticks: what is due is worked out from the facts, so a missed tick is made up for by the next, and is nothing
 * to warn of. Its first look at a time zone takes a while, so requests that wait already go first.
 */
function startTicking(keyring: Keyring, log: Logger): Promise<ScheduledTask> {
  const logger = {
    info: (message: string) => {
      log.debug(message);
    },
    warn: (message: string) => {
      log.debug(message);
    },
    debug: (message: string | Error) => {
      log.debug(message);
    },
    error: (message: string | Error) => {
      log.error(message);
    },
  };
  return new Promise((resolve) => {
    setImmediate(() => {
      resolve(cron.schedule('* * * * * *', () => keyring.tick(), { timezone: 'UTC', noOverlap: true, logger }));
    });
  });
}

async function readContract(): Promise<{ document: AuditedDocument; yaml: string }> {
  const [json, yaml] = await Promise.all([
    readFile(new URL('./generated/contract.json', import.meta.url), 'utf8'),
    readFile(new URL('../openapi.yaml', import.meta.url), 'utf8'),
  ]);
  return { document: JSON.parse(json) as AuditedDocument, yaml };
}

function greet({ issuer }: Config): string[] {
  return [
    `Tessera  ${issuer}`,
    `Docs     ${issuer}/docs`,
    `Keys     ${issuer}/.well-known/jwks.json`,
    'Next     npm run users -- create --username admin --admin && npm run clients -- create --name my-service --scope tokens:introspect',
  ];
}
