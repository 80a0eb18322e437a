import type { Logger } from 'pino';
import { type Clock, systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { OpenDatabase } from '../database/open.ts';
import { routes } from '../generated/routes.ts';
import { listenForManagement } from '../http/listener/management.ts';
import type { Keyring } from '../keys/keyring/keyring.ts';
import { openLog } from '../telemetry/logger.ts';
import type { Meter } from '../telemetry/meter.ts';
import type { Tracer } from '../telemetry/tracer.ts';
import { policies } from '../throttling/policies.ts';
import type { PasswordHasher } from '../users/password-hasher.ts';

export type Telemetry = {
  readonly log: Logger;
  /** Null where nobody asks for them. */
  readonly meter: Meter | null;
  readonly tracer: Tracer | null;
  /** From now on, metrics are there to be read: at the management listener, or by the process over this one. */
  watch(watched: Watched): Promise<void>;
  /** Sends and writes what is left, for `grace` seconds at most. */
  close(grace: number): Promise<void>;
};

/** What is looked at when metrics are read. */
export type Watched = {
  readonly keyring: Pick<Keyring, 'plan' | 'signer' | 'leftOut'>;
  readonly database: Pick<OpenDatabase, 'connections' | 'ping' | 'followUp'>;
  readonly passwordHasher: Pick<PasswordHasher, 'queue'>;
  readonly isStopping: () => boolean;
};

/** The log, and metrics and traces where they are asked for: what only some need is loaded for those. */
export async function startTelemetry(
  config: Pick<Config, 'logLevel' | 'logFormat' | 'management' | 'tracesEndpoint' | 'tracesRatio' | 'keyPolicy'>,
  clock: Clock = systemClock,
): Promise<Telemetry> {
  const { management } = config;
  const { log, flush } = await openLog(config);
  const traces = config.tracesEndpoint === undefined ? null : await startTraces(config.tracesRatio, log);
  const metrics = management === null ? null : await startMetrics();
  let closeListener = (): Promise<void> => Promise.resolve();
  return {
    log,
    meter: metrics?.meter ?? null,
    tracer: traces?.tracer ?? null,
    async watch({ keyring, database, passwordHasher, isStopping }) {
      if (management === null || metrics === null) return;
      const { registry } = metrics;
      const isReady = async () => !isStopping() && (await inTime(worksOut(database.ping(), keyring.signer()), false));
      const { addGauges } = await import('../telemetry/gauges.ts');
      addGauges(registry, {
        now: clock,
        keyPlan: () => keyring.plan,
        keysLeftOut: () => keyring.leftOut,
        rotateEvery: config.keyPolicy.rotateEvery,
        connections: () => database.connections(),
        passwordQueue: () => passwordHasher.queue(),
        isReady,
        owed: () => inTime(database.followUp.countOwed(), null),
      });
      const { default: cluster } = await import('node:cluster');
      // The process over this one serves the metrics of all.
      if (cluster.isWorker) {
        (await import('../telemetry/workers-metrics.ts')).answerScrapes(registry);
        return;
      }
      const pages = { metrics: () => registry.metrics(), isReady };
      const listener = await listenForManagement(management, pages, (error) => {
        log.error({ err: error }, 'metrics-not-served');
      });
      closeListener = () => listener.close();
    },
    async close(grace) {
      await closeListener();
      await traces?.close(grace);
      flush();
    },
  };
}

async function startMetrics() {
  const { prometheusMeter } = await import('../telemetry/prometheus.ts');
  return prometheusMeter({
    operations: [...Object.keys(routes.operations), routes.crossOrigin.preflight.operationId],
    grants: ['password', 'refresh_token', 'client_credentials'],
    policies: [...Object.values(policies).map(({ name }) => name), 'at-once'],
  });
}

async function startTraces(ratio: number, log: Logger) {
  const { openTelemetryTracer } = await import('../telemetry/open-telemetry.ts');
  return openTelemetryTracer({ ratio, log });
}

async function worksOut(...parts: readonly Promise<unknown>[]): Promise<true> {
  await Promise.all(parts);
  return true;
}

/** Milliseconds after which a database that does not answer makes a server not ready: who reads metrics does not wait. */
const patience = 1000;

/** What comes of it; `otherwise` where it fails, or takes too long. */
async function inTime<T, Otherwise>(work: Promise<T>, otherwise: Otherwise): Promise<T | Otherwise> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Otherwise>((resolve) => {
    timer = setTimeout(resolve, patience, otherwise);
  });
  const outcome = await Promise.race([work.catch(() => otherwise), tooLate]);
  clearTimeout(timer);
  return outcome;
}
