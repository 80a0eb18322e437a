import { Socket } from 'node:net';
import type { Connection } from './address.ts';

/** SSLRequest (PostgreSQL, "Message Formats"): its length and its code. A server says S or N, whoever asks. */
const question = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** In so many parts the wait is counted, between which a reply is heard that has come. */
const parts = 10;

/**
 * Whether a server answers within `patience` milliseconds. Takes none of its connections, no password and no thread of this
 * process, so that neither a crowded server nor a busy process passes for one that is away. Nor does a process that had no
 * time to listen: however long it stalls, that counts as one part of the wait.
 */
export function knock({ host, port }: Pick<Connection, 'host' | 'port'>, patience: number): Promise<boolean> {
  const socket = new Socket();
  return new Promise((resolve) => {
    let waited = 0;
    const timer = setInterval(() => {
      waited += 1;
      if (waited === parts) end(false);
    }, patience / parts);
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
      clearInterval(timer);
      resolve(answers);
      socket.destroy();
    }
  });
}
