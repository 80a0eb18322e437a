import { Socket } from 'node:net';
import type { Connection } from './address.ts';

/** SSLRequest (PostgreSQL, "Message Formats"): its length and its code. A server says S or N, whoever asks. */
const question = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * Whether a server answers within `patience` milliseconds. Takes none of its connections, no password and no thread of this
 * process, so that neither a crowded server nor a busy process passes for one that is away.
 */
export function knock({ host, port }: Pick<Connection, 'host' | 'port'>, patience: number): Promise<boolean> {
  const socket = new Socket();
  return new Promise((resolve) => {
    const timer = setTimeout(end, patience, false);
    socket.once('data', () => {
      end(true);
    });
    socket.once('close', () => {
      end(false);
    });
    socket.on('error', () => undefined);
    socket.on('connect', () => socket.write(question));
    if (host.startsWith('/')) socket.connect(`${host}/.s.PGSQL.${port}`);
    else socket.connect(port, host);

    function end(answers: boolean): void {
      clearTimeout(timer);
      resolve(answers);
      socket.destroy();
    }
  });
}
