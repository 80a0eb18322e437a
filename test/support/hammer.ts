/** Clients that never rest, on connections that are kept and on new ones, and note whatever is not an answer. */
import { Agent, get } from 'node:http';

export type Hammering = { stop(): Promise<{ answered: number; faults: string[] }> };

export function hammer(port: number, { kept = 4, fresh = 2, path = '/livez' } = {}): Hammering {
  const agent = new Agent({ keepAlive: true, maxSockets: kept });
  const faults: string[] = [];
  let answered = 0;
  let isOver = false;
  const runs = [
    ...Array.from({ length: kept }, () => run(agent)),
    ...Array.from({ length: fresh }, () => run(undefined)),
  ];
  return {
    async stop() {
      isOver = true;
      await Promise.all(runs);
      agent.destroy();
      return { answered, faults };
    },
  };

  async function run(over: Agent | undefined): Promise<void> {
    while (!isOver) {
      const outcome = await askOnce(over);
      if (outcome === '200') answered += 1;
      else faults.push(outcome);
      // As somebody who does something with an answer; and this process is to be left some time for the others.
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }

  function askOnce(over: Agent | undefined): Promise<string> {
    return new Promise((resolve) => {
      const request = get({ host: '127.0.0.1', port, path, agent: over ?? false }, (reply) => {
        reply.resume();
        reply.on('end', () => {
          resolve(String(reply.statusCode));
        });
        reply.on('error', (error) => {
          resolve(`reply: ${error.message}`);
        });
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        resolve(`${error.code ?? error.message}${request.reusedSocket ? ' on a kept connection' : ''}`);
      });
    });
  }
}
