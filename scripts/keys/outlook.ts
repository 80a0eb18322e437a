import { InvalidArgumentError, Option } from 'commander';
import { forecastKeys, type KeyChange } from '../../src/keys/timeline/forecast.ts';
import type { Outlook, OutlookKey, SpanState } from '../../src/keys/drawing/outlook.ts';
import type { VerifyOnlyKey } from '../../src/keys/verify-only.ts';
import { type Tools, clock } from '../command-line.ts';
import { readStoredKeys, warnOf } from './keyring.ts';

export const plannedKidsHelp = `
A key that is not made yet is called next-1, next-2 and so on here; it gets its kid when it is made. The forecast holds as
long as a server runs, and nobody rotates, revokes, imports, or changes the settings. Keys are published and sign at the
moments shown, and leave the set at the latest then. Nothing is changed.
`;

export function rotationsOption(): Option {
  return new Option('--rotations <n>', 'how many rotations to look ahead, 1 to 100').default(3).argParser(toRotations);
}

/** Reads the keys and foretells what becomes of them; changes nothing. */
export async function lookAhead(tools: Tools, rotations: number): Promise<Outlook> {
  const stored = await readStoredKeys(tools);
  warnOf(stored);
  const { keys, verifyOnly, unreadable } = stored;
  const now = clock();
  const forecast = forecastKeys({ keys, now, policy: tools.config.keyPolicy, unreadable, rotations });
  const { until } = forecast;
  const own = forecast.lives.map(({ kid, alg, spans, isPlanned }) => ({
    kid,
    alg,
    spans,
    state: isPlanned ? null : stateAt(spans, now),
  }));
  const foreign = verifyOnly.map(viewVerifyOnly).map((key) => ({ ...key, state: stateAt(key.spans, now) }));
  const leaving = foreign.flatMap(({ kid, spans: [span] }): KeyChange[] => {
    const at = span?.until ?? null;
    return at !== null && at > now && at <= until ? [{ at, kid, change: 'retired' }] : [];
  });
  const changes = [...forecast.changes, ...leaving].sort((a, b) => a.at - b.at);
  return { now, until, changes, keys: [...own, ...foreign] };
}

function viewVerifyOnly({ kid, alg, publishedAt, publishedUntil, revokedAt }: VerifyOnlyKey) {
  const published = { state: 'verify-only', from: publishedAt, until: revokedAt ?? publishedUntil } as const;
  const revoked = revokedAt === null ? [] : [{ state: 'revoked', from: revokedAt, until: null } as const];
  return { kid, alg, spans: [published, ...revoked] };
}

function stateAt(spans: OutlookKey['spans'], now: number): SpanState | 'retired' {
  return spans.find(({ from, until }) => from <= now && now < (until ?? Infinity))?.state ?? 'retired';
}

function toRotations(text: string): number {
  const rotations = /^[0-9]{1,3}$/.test(text) ? Number(text) : 0;
  if (rotations < 1 || rotations > 100) throw new InvalidArgumentError('It is a whole number from 1 to 100.');
  return rotations;
}
