/** What must have come of a round of a race. */
import type { AuditEvent } from '../../../src/audit/event.ts';
import type { KeyPlan } from '../../../src/keys/timeline/plan.ts';
import type { Report } from './race-worker.ts';

export type Round = {
  /** The key that signed before. */
  readonly signer: string;
  /** Whether rotations were of that key alone. */
  readonly isMeant: boolean;
  readonly reports: readonly Report[];
  /** What each process sees afterwards. */
  readonly looks: readonly Report[];
  /** What the round has left in the trail, the oldest first. */
  readonly events: readonly AuditEvent[];
  /** By the keys as they are afterwards. */
  readonly plan: KeyPlan;
};

/** One line for each rule that was broken. */
export function judgeRound({ signer: before, isMeant, reports, looks, events, plan }: Round): string[] {
  const faults: string[] = [];
  const expectSame = (what: string, found: readonly unknown[], expected: readonly unknown[]): void => {
    if (found.join() !== expected.join()) faults.push(`${what}: [${found.join()}] instead of [${expected.join()}]`);
  };
  const subjectsOf = (type: AuditEvent['type'], by?: string): string[] =>
    events
      .filter((event) => event.type === type && (by === undefined || nameOf(event) === by))
      .map((e) => e.subject ?? '');

  const outcomes = reports.flatMap((report) => (report.task === 'rotate' ? [report.outcome] : []));
  const rotated = outcomes.filter((outcome) => outcome.kind === 'rotated');
  const others = outcomes.filter(({ kind }) => !['rotated', 'conflict', 'not-signer'].includes(kind));
  const revocations = reports.flatMap((report) => (report.task === 'revoke' ? [report.outcome] : []));
  const activated = subjectsOf('key.activated');
  const signer = plan.signer?.kid;

  expectSame(
    'neither rotated nor conflict',
    others.map(({ kind }) => kind),
    [],
  );
  if (activated.length === 0) faults.push('nothing happened');
  // Each rotation that was reported took place, once, and so did each revocation; nothing else did.
  expectSame(
    'activated by rotations',
    subjectsOf('key.activated', 'rotate').toSorted(),
    rotated.map(({ kid }) => kid).toSorted(),
  );
  expectSame(
    'activated more than once',
    activated.filter((kid, at) => activated.indexOf(kid) !== at),
    [],
  );
  expectSame('activated by neither', subjectsOf('key.activated', 'schedule'), []);
  expectSame(
    'revoked',
    subjectsOf('key.revoked'),
    revocations.map(({ kind }) => (kind === 'revoked' ? before : kind)),
  );
  // The line moves step by step, each step brings a new standby.
  const line = [before, ...activated];
  for (const { kid, previous } of rotated)
    expectSame(`rotated to ${kid} from`, [previous], [line[line.indexOf(kid) - 1]]);
  expectSame('created', subjectsOf('key.created'), [...activated.slice(1), ...plan.standbys.map(({ kid }) => kid)]);
  if (isMeant) expectSame('steps', [activated.length], [1]);
  expectSame('standbys', [plan.standbys.length], [1]);
  expectSame('signs', [signer], [activated.at(-1)]);
  expectSame(
    'looks',
    looks.map((look) => (look.task === 'look' ? look.signer : look.task)),
    looks.map(() => signer),
  );
  return faults;
}

function nameOf({ actor }: AuditEvent): string {
  return actor.kind === 'script' ? actor.name : actor.kind;
}
