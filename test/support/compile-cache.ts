/** Where every process that tests start finds the code compiled: many load the same. */
import { fileURLToPath } from 'node:url';

export const compileCache = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/compile', import.meta.url)),
};
