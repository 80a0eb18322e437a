/** Where every process that tests start finds the code compiled: many load the same. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../node_modules/.cache/compile', import.meta.url));

// What lies there is run: nobody else may write it.
mkdirSync(folder, { recursive: true, mode: 0o700 });

export const compileCache = { NODE_COMPILE_CACHE: folder };
