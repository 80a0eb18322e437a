/** The meter that Prometheus reads. Loaded only where metrics are asked for. */
import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Meter } from './meter.ts';

/** In seconds: from a set out of memory to a login that waits for its turn. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Labels are names from the code and the contract, and never anything that a request brings: so the series are few, whatever
 * is asked, and nobody is named in them. `known` names values that are shown from the start, at 0: what has not happened
 * yet can then be told from what is not counted, and the first time is an increase.
 */
export function prometheusMeter(known: Known): { meter: Meter; registry: Registry } {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'tessera_http_requests_total',
    help: 'Requests answered, by operationId ("none" where there is no operation) and status.',
    labelNames: ['operation', 'status'] as const,
    registers,
  });
  const durations = new Histogram({
    name: 'tessera_http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its reply, by operationId.',
    labelNames: ['operation'] as const,
    buckets,
    registers,
  });
  const issued = counter('tessera_tokens_issued_total', 'Access tokens issued, by grant.', 'grant', known.grants);
  const repeated = counter(
    'tessera_refresh_repeats_total',
    'Refresh tokens used last that came again and were answered again, by network: that of the first use, or another.',
    'network',
    ['same', 'other'],
  );
  const reused = counter('tessera_refresh_reuse_total', 'Sessions ended because a used refresh token came again.');
  const misused = counter(
    'tessera_refresh_misuse_total',
    'Refresh tokens that came from another client than their own.',
  );
  const failed = counter(
    'tessera_login_failures_total',
    'Logins with a wrong name or password, or to a disabled account.',
  );
  const denied = counter(
    'tessera_access_denied_total',
    'Requests answered 403 to tokens that may do more than those of every user.',
  );
  const throttled = counter(
    'tessera_throttled_total',
    'Requests refused because there were too many of their kind, by policy.',
    'policy',
    known.policies,
  );
  const breaches = counter(
    'tessera_contract_breaches_total',
    'Replies that broke the contract, by operationId.',
    'operation',
    known.operations,
  );
  const unknown = counter(
    'tessera_client_address_unknown_total',
    'Requests of which a trusted proxy did not tell the client, so that they count as its own, by reason.',
    'reason',
    ['missing', 'malformed'],
  );
  const meter: Meter = {
    requestEnded: (operation, status, seconds) => {
      requests.inc({ operation, status });
      durations.observe({ operation }, seconds);
    },
    tokenIssued: (grant) => {
      issued.inc({ grant });
    },
    refreshRepeated: (network) => {
      repeated.inc({ network });
    },
    refreshReused: () => {
      reused.inc();
    },
    refreshMisused: () => {
      misused.inc();
    },
    loginFailed: () => {
      failed.inc();
    },
    accessDenied: () => {
      denied.inc();
    },
    throttled: (policies) => {
      for (const policy of policies) throttled.inc({ policy });
    },
    contractBroken: (operation) => {
      breaches.inc({ operation });
    },
    clientAddressUnknown: (reason) => {
      unknown.inc({ reason });
    },
  };
  return { meter, registry };

  function counter(name: string, help: string, label?: string, values: readonly string[] = []): Counter {
    const made = new Counter({ name, help, labelNames: label === undefined ? [] : [label], registers });
    if (label !== undefined) for (const value of values) made.inc({ [label]: value }, 0);
    return made;
  }
}

export type Known = {
  readonly operations: readonly string[];
  readonly grants: readonly string[];
  readonly policies: readonly string[];
};
