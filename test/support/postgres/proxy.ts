/** A network between a server and its database, that the test can break. */
import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

export type Proxy = {
  readonly port: number;
  /** From now on nothing gets through, and nobody is told: what is sent is lost in a hole, as is who tries to connect. */
  blackHole(): void;
  /** What goes from the database to the server gets lost, and what goes the other way does not. */
  loseReplies(): void;
  /** All is well again. Connections of the time before stay as they are: the router forgot them. */
  heal(): void;
  close(): void;
};

export async function newProxy(targetPort: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const way = { there: true, back: true };
  const server = createServer((inner) => {
    const outer = connect(targetPort, '127.0.0.1');
    // What a connection lost once it has lost for good: the bytes behind would make no sense.
    const born = { there: way.there, back: way.back };
    for (const [from, to, direction] of [
      [inner, outer, 'there'],
      [outer, inner, 'back'],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => {
        born[direction] &&= way[direction];
        if (born[direction]) to.write(chunk);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        if (born.there && born.back && way.there && way.back) to.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    blackHole: () => Object.assign(way, { there: false, back: false }),
    loseReplies: () => Object.assign(way, { back: false }),
    heal: () => Object.assign(way, { there: true, back: true }),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
