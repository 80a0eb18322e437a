import type { RecordedActor } from '../../audit/event.ts';

/** What an event says of who did it. A row that no server wrote hides neither itself nor the others of its page. */
export function readActor(json: unknown): RecordedActor {
  const { kind, name, sub, clientId } = membersOf(json);
  if (kind === 'schedule' || kind === 'anonymous') return { kind };
  if (kind === 'script' && typeof name === 'string') return { kind, name };
  if (kind === 'caller' && typeof sub === 'string' && typeof clientId === 'string') return { kind, sub, clientId };
  return { kind: 'unknown' };
}

function membersOf(json: unknown): Record<string, unknown> {
  if (typeof json !== 'string') return {};
  try {
    return { ...(JSON.parse(json) as object) };
  } catch {
    return {};
  }
}
