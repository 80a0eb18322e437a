/** One of the processes that race to change the keys: does what `race.ts` tells it, and reports what came of it. */
import { pino } from 'pino';
import type { Cause } from '../../../src/audit/event.ts';
import { systemClock } from '../../../src/clock.ts';
import { readConfig } from '../../../src/config/config.ts';
import { openDatabase } from '../../../src/database/open.ts';
import { revokeKey, type RevocationOutcome } from '../../../src/keys/changes/revocation.ts';
import { rotateKeys, type RotationOutcome } from '../../../src/keys/changes/rotation.ts';
import { openKeyring } from '../../../src/server/open-keyring.ts';

export type Order =
  | { readonly task: 'rotate'; readonly signer?: string | undefined }
  | { readonly task: 'revoke'; readonly kid: string }
  | { readonly task: 'look' };

export type Report =
  | { readonly task: 'start' }
  /** `isWritten`: whether it got so far as to try to change the keys. */
  | { readonly task: 'rotate'; readonly outcome: RotationOutcome; readonly isWritten: boolean }
  | { readonly task: 'revoke'; readonly outcome: RevocationOutcome }
  /** Who signs, as this process sees it after a refresh. */
  | { readonly task: 'look'; readonly signer: string }
  | { readonly task: 'fail'; readonly message: string };

/** The clock of this process may be behind, by as many seconds. */
const lag = Number(process.argv[2]);
const clock = () => systemClock() - lag;

const config = readConfig();
const database = await openDatabase(config.databaseUrl);
let writes = 0;
const keys: typeof database.keys = {
  ...database.keys,
  promoteKey(...change) {
    writes += 1;
    return database.keys.promoteKey(...change);
  },
};
const office = await openKeyring(config, {
  stores: { ...database, keys },
  clock,
  log: pino({ level: 'silent' }),
  actor: { kind: 'schedule' },
  isServer: true,
});

process.on('message', (order: Order) => {
  void carryOut(order)
    .catch((error: unknown): Report => ({ task: 'fail', message: String(error) }))
    .then(report);
});
report({ task: 'start' });

async function carryOut(order: Order): Promise<Report> {
  const cause: Cause = { actor: { kind: 'script', name: order.task }, reason: null };
  if (order.task === 'look') {
    await office.keyring.refresh();
    return { task: 'look', signer: (await office.keyring.signer()).kid };
  }
  if (order.task === 'revoke') return { task: 'revoke', outcome: await revokeKey(office, order.kid, cause) };
  const before = writes;
  const outcome = await rotateKeys(office, { force: true, signer: order.signer, cause });
  return { task: 'rotate', outcome, isWritten: writes > before };
}

function report(report: Report): void {
  process.send?.(report);
}
