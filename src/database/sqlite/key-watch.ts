import type { KeyWatch } from '../engine.ts';
import type { Database } from '../schema.ts';
import { dataVersion } from './upkeep.ts';

/** Milliseconds between two looks whether another process has changed something. */
const lookEvery = 250;

/** Calls `onChange` whenever another process has changed the file, be it the keys or something else. */
export function watchFile(db: Database, onChange: () => void): KeyWatch {
  let known: number | undefined;
  let isClosed = false;
  let timer = lookLater();
  let looking = Promise.resolve();

  function lookLater(): NodeJS.Timeout {
    return setTimeout(() => {
      looking = look();
    }, lookEvery).unref();
  }

  async function look(): Promise<void> {
    // A file that cannot be read now is looked at again.
    const version = await dataVersion(db).catch(() => undefined);
    if (isClosed) return;
    timer = lookLater();
    if (version === undefined || version === known) return;
    known = version;
    onChange();
  }

  return {
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      return looking;
    },
  };
}
