import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export type ConnectionLog = { warn(detail: object, message: string): void };

/** Milliseconds: who is turned away comes again at once, and must not fill the log. */
const tellEvery = 1000;

export type Connections = {
  /** Those that are open, and all that were one too many. */
  readonly count: () => { open: number; refused: number };
  /** A request has come on it. */
  heardFrom(socket: Socket): void;
  /** Closes those on which nothing has been said yet, such as browsers open for later. */
  closeSilent(): void;
  /** Cuts all, those as well whose TLS handshake has not come to an end. */
  cutAll(): void;
};

/** Knows the connections of a server, and closes each beyond `most` as it comes. */
export function trackConnections(server: Server, most: number, log: ConnectionLog): Connections {
  const open = new Set<Socket>();
  /** With how many bytes had come on it when it was opened: of TLS, the handshake. */
  const silent = new Map<Socket, number>();
  let refused = 0;
  let untold = 0;
  server.maxConnections = most;
  server.on('drop', () => {
    refused += 1;
    untold += 1;
    if (untold > 1) return;
    // The first is told of in a moment, along with those that come meanwhile.
    setTimeout(() => {
      log.warn({ refused: untold, most }, 'too-many-connections');
      untold = 0;
    }, tellEvery).unref();
  });
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  const isSecure = 'setSecureContext' in server;
  server.on(isSecure ? 'secureConnection' : 'connection', (socket: Socket) => {
    silent.set(socket, socket.bytesRead);
    socket.once('close', () => silent.delete(socket));
  });
  return {
    count: () => ({ open: open.size, refused }),
    heardFrom: (socket) => silent.delete(socket),
    closeSilent: () => {
      for (const [socket, bytes] of silent) if (socket.bytesRead === bytes) socket.destroy();
    },
    cutAll: () => {
      server.closeAllConnections();
      for (const socket of open) socket.destroy();
    },
  };
}
