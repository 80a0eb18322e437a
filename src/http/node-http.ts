/**
 * `node:http`, asked for as CommonJS would. An ES import reads every export once, among them getters that load undici: a
 * tenth of the whole start, for nothing that a server needs.
 */
export const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http');
