/**
 * Puts one server together. `run.ts` starts it, alone or with workers; `server.ts` opens the database, the keys and the port, and stops
 * them; `app.ts` builds the way of a request; `handlers.ts` says what answers each operation and what wraps it. This room has no
 * rules of its own.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import cron, { type ScheduledTask } from 'node-cron';
import type { Logger } from 'pino';
import { createApp } from './app.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { openDatabase } from '../database/open.ts';
import type { AuditedDocument } from '../http/audit.ts';
import { routes } from '../generated/routes.ts';
import { createCrossOriginHeaders } from '../http/reply/cross-origin.ts';
import { listen } from '../http/listener/listener.ts';
import { type TlsPair, readTlsPair } from '../http/listener/tls-pair.ts';
import { watchTlsPair } from '../http/listener/tls-watch.ts';
import type { Keyring } from '../keys/keyring/keyring.ts';
import { openKeyring } from './open-keyring.ts';
import { startFollowUp, startPurge } from './purge.ts';
import type { StopReason } from './signals.ts';
import { startTelemetry } from './start-telemetry.ts';
import { createPasswordHasher } from '../users/password-hasher.ts';

export type RunningServer = {
  /** Looks at once whether there is another certificate. */
  reload(): Promise<void>;
  /** Refuses new work, finishes what is in flight, closes the database. To terminate, it goes on for a while before. */
  stop(reason?: StopReason): Promise<void>;
};

/** Seconds in which a request on an idle connection, that may be on its way already, is still answered. */
const linger = 1;

/**
 * Opens the database, brings the keys up to date, and listens. `processes` is how many serve on this machine, and share its
 * cores for hashing.
 */
export async function startServer(
  config: Config,
  { clock = systemClock, processes = 1 }: { clock?: Clock; processes?: number } = {},
): Promise<RunningServer> {
  const tls = config.tls === null ? undefined : await readTlsPair(config.tls, clock());
  const telemetry = await startTelemetry(config, clock);
  const { log, meter, tracer } = telemetry;
  const passwordHasher = createPasswordHasher({ cost: config.passwordCost, processes });
  let isStopping = false;
  const database = await openDatabase(config.databaseUrl, config);
  try {
    const keys = await openKeyring(config, {
      stores: database,
      clock,
      log,
      actor: { kind: 'schedule' },
      isServer: true,
    });
    const app = await createApp({
      clock,
      log,
      meter,
      tracer,
      keys,
      stores: database,
      contract: await readContract(),
      issuer: config.issuer,
      basePath: config.basePath,
      audience: config.audience,
      accessTokenLifetime: config.keyPolicy.tokenLifetime,
      refreshTokenLifetime: config.refreshTokenLifetime,
      refreshReuseGrace: config.refreshReuseGrace,
      sessionsPerUser: config.sessionsPerUser,
      sessionLifetime: config.sessionLifetime,
      jwksMaxAge: config.keyPolicy.jwksMaxAge,
      passwordHasher,
      passwordGrant: config.passwordGrant,
      loopbackJwksUri: config.loopbackJwksUri,
      jwksUriReach: config.jwksUriReach,
      replyChecks: config.replyChecks,
      rateLimits: config.rateLimits,
      trustedProxies: config.trustedProxies,
      corsOrigins: config.corsOrigins,
      isStopping: () => isStopping,
    });
    await telemetry.watch({ keyring: keys.keyring, database, passwordHasher, isStopping: () => isStopping });
    const crossOrigin = createCrossOriginHeaders(routes.crossOrigin, config.corsOrigins);
    const listener = await listen(app, config, { log, tls, crossOrigin });
    const useTlsPair = (pair: TlsPair) => {
      listener.useTlsPair(pair);
    };
    const watch = config.tls && tls && watchTlsPair(config.tls, tls, { apply: useTlsPair, clock, log });
    const tick = await startTicking(keys.keyring, log);
    const keyWatch = await database.watchKeys(() => void keys.keyring.lookAgain());
    const purge = startPurge({ store: database.expiredRows, clock, log });
    const followUp = startFollowUp({ store: database.followUp, log });
    return { reload: async () => watch?.look(), stop };

    async function stop(reason: StopReason = 'interrupt'): Promise<void> {
      // Where another worker has this one's place, the server as such is as ready as before.
      isStopping = reason !== 'replace';
      if (reason === 'terminate' && config.shutdownDelay > 0) {
        listener.letGo();
        await sleep(config.shutdownDelay * 1000);
      }
      watch?.close();
      await tick.destroy();
      const purged = Promise.all([purge.stop(), followUp.stop()]);
      const times = { grace: config.shutdownGrace, linger: reason === 'interrupt' ? 0 : linger };
      await listener.drain(times, () => {
        log.warn('some requests were still in flight after the grace period');
      });
      await keys.keyring.settle().catch((error: unknown) => {
        log.error({ err: error }, 'tokens that were signed are not on record: their keys may leave the set too early');
      });
      await purged;
      await keyWatch.close();
      await database.close();
      await telemetry.close(config.shutdownGrace);
    }
  } catch (error) {
    await database.close();
    await telemetry.close(0);
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
    readFile(new URL('../generated/contract.json', import.meta.url), 'utf8'),
    readFile(new URL('../../openapi.yaml', import.meta.url), 'utf8'),
  ]);
  return { document: JSON.parse(json) as AuditedDocument, yaml };
}
