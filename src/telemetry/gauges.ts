/** What is read at the moment that Prometheus asks. Where several processes serve, `aggregator` says what they are together. */
import { Gauge, type Registry } from 'prom-client';
import type { KeyPlan } from '../keys/timeline/plan.ts';
import type { LeftOut } from '../keys/keyring/left-out.ts';

export type Sources = {
  readonly now: () => number;
  readonly keyPlan: () => KeyPlan;
  readonly keysLeftOut: () => LeftOut;
  readonly rotateEvery: number;
  /** Null where there is one connection only. */
  readonly connections: () => { readonly open: number; readonly idle: number; readonly waiting: number } | null;
  readonly passwordQueue: () => { readonly running: number; readonly waiting: number };
  readonly isReady: () => Promise<boolean>;
  /** Decisions whose rows are still to follow, by kind; null while that cannot be read. */
  readonly owed: () => Promise<{ readonly sessions: number; readonly accounts: number } | null>;
};

const states = ['standby', 'active', 'retiring', 'retired', 'revoked'] as const;

export function addGauges(registry: Registry, sources: Sources): void {
  const registers = [registry];

  // The lowest of several: one process that lacks a standby is worth a look. They agree within a second.
  new Gauge({
    name: 'tessera_keys',
    help: 'Signing keys on record, by what they are for.',
    labelNames: ['state'],
    registers,
    aggregator: 'min',
    collect() {
      const plan = sources.keyPlan();
      for (const state of states) this.set({ state }, plan.states.filter((each) => each.state === state).length);
    },
  });
  new Gauge({
    name: 'tessera_keys_left_out',
    help: 'Keys on record that are left out: rejected, since no server wrote them, or waiting for a key-encryption key.',
    labelNames: ['verdict'],
    registers,
    aggregator: 'max',
    collect() {
      for (const [verdict, count] of Object.entries(sources.keysLeftOut())) this.set({ verdict }, count);
    },
  });
  new Gauge({
    name: 'tessera_key_age_seconds',
    help: 'Seconds since a signing key was published; of the keys in the set only.',
    labelNames: ['kid', 'state'],
    registers,
    aggregator: 'max',
    collect() {
      this.reset();
      const { states: all, published } = sources.keyPlan();
      for (const { key, state } of all)
        if (published.includes(key)) this.set({ kid: key.kid, state }, sources.now() - key.publishedAt);
    },
  });
  new Gauge({
    name: 'tessera_key_next_rotation_seconds',
    help: 'Seconds until the next key takes over; below 0 when that is overdue.',
    registers,
    aggregator: 'min',
    collect() {
      this.set(nextRotationAt(sources.keyPlan(), sources.rotateEvery, sources.now()) - sources.now());
    },
  });
  new Gauge({
    name: 'tessera_password_hashes',
    help: 'Passwords that are being hashed, or wait for it.',
    labelNames: ['state'],
    registers,
    aggregator: 'sum',
    collect() {
      for (const [state, count] of Object.entries(sources.passwordQueue())) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'tessera_database_connections',
    help: 'Connections to PostgreSQL: open, idle among them, and requests that wait for one.',
    labelNames: ['state'],
    registers,
    aggregator: 'sum',
    collect() {
      for (const [state, count] of Object.entries(sources.connections() ?? {})) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'tessera_ready',
    help: 'Whether the server says that it is ready: 1, or 0.',
    registers,
    aggregator: 'min',
    async collect() {
      this.set((await sources.isReady()) ? 1 : 0);
    },
  });
  new Gauge({
    name: 'tessera_follow_up_owed',
    help: 'Decisions whose rows are still to follow: to end sessions, and to delete accounts. Nothing of either works meanwhile.',
    labelNames: ['kind'],
    registers,
    // All of them read the one database.
    aggregator: 'max',
    async collect() {
      // What was read before the database went away says nothing.
      this.reset();
      for (const [kind, count] of Object.entries((await sources.owed()) ?? {})) this.set({ kind }, count);
    },
  });
}

/** When a standby takes over; where there is none, when one should have. Without any key, that is now. */
function nextRotationAt({ signer, standbys }: KeyPlan, rotateEvery: number, now: number): number {
  if (standbys.length > 0) return Math.min(...standbys.map(({ activatesAt }) => activatesAt));
  return signer === null ? now : signer.activatesAt + rotateEvery;
}
