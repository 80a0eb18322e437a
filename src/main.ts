/** The process. It prepares Node.js for a quick and lean start, and only then loads the server. */
import { mkdirSync, statSync } from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

// Compiled code is kept beside the packages, in a folder that none but its owner can write: what is in it is run.
const compiled = fileURLToPath(new URL('../node_modules/.cache/tessera', import.meta.url));
if (isPrivateFolder(compiled)) enableCompileCache(compiled);

// Loading makes much garbage once. Were the young generation to grow for it, it would stay that large for good.
setFlagsFromString('--semi-space-growth-factor=1');
const { catchStopSignals, ignoreSignals } = await import('./server/signals.ts');
// What a primary starts its workers with; nobody else has anything to say on the command line.
const isWorker = process.argv[2] === 'worker';
if (isWorker) ignoreSignals();
const role = isWorker ? 'worker' : { onStopSignals: catchStopSignals() };
const { run } = await import('./server/run.ts');
await run(role);
setFlagsFromString('--semi-space-growth-factor=2');
flushCompileCache();

function isPrivateFolder(path: string): boolean {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(path);
    return uid === process.geteuid?.() && (mode & 0o022) === 0;
  } catch {
    return false; // such as on a read-only file system
  }
}
