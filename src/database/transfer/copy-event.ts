import type { EventType, Occasion } from '../../audit/event.ts';
import { recordEvents } from '../stores/audit-store.ts';
import type { Engine } from '../engine.ts';
import { schemaState } from '../migrations/migrate.ts';
import { type Place, usePlace } from '../place.ts';
import { refuseAhead, refuseBehind } from '../migrations/schema-state.ts';

const pool = { size: 1, statementTimeout: 5 };

/**
 * Puts on record that all that there is in `place` is about to be copied. Before the copy is begun, so that it has the event,
 * too, and whoever breaks it off has left a trace. What cannot be written to can be copied all the same: then it says why
 * there is no event, for that is when a backup is needed most. Null when there is one.
 */
export async function recordCopy(
  place: Place,
  type: Extract<EventType, `${string}.started`>,
  occasion: Occasion,
): Promise<string | null> {
  const obstacle = await usePlace(place, { pool, access: 'read' }, findObstacle);
  if (obstacle !== null) return obstacle;
  try {
    await usePlace(place, { pool, access: 'write' }, ({ db }) => recordEvents(db, type, [null], occasion));
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A schema of another version, and a file that is kept as it is, such as a backup, are not written to. */
async function findObstacle(engine: Engine): Promise<string | null> {
  if (!(await engine.upkeep.isInService(engine.db))) return 'it is a file that no server has worked with';
  try {
    const state = await schemaState(engine);
    refuseAhead(state);
    refuseBehind(state);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
