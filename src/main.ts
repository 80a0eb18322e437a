/** The process. It prepares Node.js for a quick and lean start, and only then loads the server. */
import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

// Compiled code is kept beside the packages: trusted as much as they are, and left out where the folder cannot be written.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)));

// Loading makes much garbage once. Were the young generation to grow for it, it would stay that large for good.
setFlagsFromString('--semi-space-growth-factor=1');
const { run } = await import('./run.ts');
await run();
setFlagsFromString('--semi-space-growth-factor=2');
flushCompileCache();
