/**
 * `node:http`, asked for as CommonJS would. An ES import reads every export once, among them getters that load undici: a
 * tenth of the whole start, for nothing that a server needs. `node:https` is loaded by those who use it.
 */
import type { Server as SecureServer, ServerOptions } from 'node:https';
import type { RequestListener, Server } from 'node:http';

export const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http');

const closeNet = Reflect.get(process.getBuiltinModule('node:net').Server.prototype, 'close') as (
  this: Server,
  whenAllHaveGone: () => void,
) => void;

/**
 * Stops listening. `close` of `node:http` would cut idle connections at once as well, and would no longer look for those
 * that are slow.
 */
export function closeGently(server: Server, whenAllHaveGone: () => void): void {
  closeNet.call(server, whenAllHaveGone);
}

export function createSecureServer(options: ServerOptions, handle: RequestListener): SecureServer {
  return process.getBuiltinModule('node:https').createServer(options, handle);
}
