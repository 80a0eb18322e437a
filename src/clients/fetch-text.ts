/** One GET of what a client publishes, with limits, and to nowhere but where servers may go. */
import { type LookupAddress, lookup as lookUp } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { type LookupFunction, isIP } from 'node:net';
import type { IsReachable } from './reach.ts';

/** Milliseconds and bytes. */
const patience = 3000;
const longest = 64 * 1024;

/** The text at `uri`, of 64 KiB at most, within 3 s. A redirect is a failure, as is any status but 200. Throws. */
export async function fetchText(uri: string, isReachable: IsReachable): Promise<string> {
  const reply = await get(new URL(uri), isReachable);
  try {
    if (reply.statusCode !== 200) throw new Error(`The answer was ${reply.statusCode}.`);
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of reply as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > longest) throw new Error(`The answer has more than ${longest} bytes.`);
      chunks.push(chunk);
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } finally {
    reply.destroy();
  }
}

function get(url: URL, isReachable: IsReachable): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // An address is not looked up.
  if (isIP(host) !== 0 && !isReachable(host, host)) throw new Unreachable(url.hostname);
  const { request } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http');
  return new Promise((resolve, reject) => {
    request(url, {
      // A connection for this request alone: one that was kept would be asked for by name, and not be checked again.
      agent: false,
      lookup: reachableLookup(isReachable),
      signal: AbortSignal.timeout(patience),
      headers: { Accept: 'application/jwk-set+json, application/json', 'Accept-Encoding': 'identity' },
    })
      .once('response', resolve)
      // Not once: nobody would listen to a second one, and the process would end.
      .on('error', reject)
      // Of a reply that is none, such as 101, Node.js tells nothing else. After a reply this does nothing.
      .once('close', () => {
        reject(new Error('The connection was closed without an answer.'));
      })
      .end();
  });
}

/** Connects to no other addresses than those that it has checked: whoever owns the name may give another one the next time. */
function reachableLookup(isReachable: IsReachable): LookupFunction {
  return (hostname, options, done) => {
    lookUp(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error !== null) {
        done(error, []);
        return;
      }
      const reachable = found.filter(({ address }) => isReachable(hostname, address));
      const [first] = reachable;
      if (first === undefined) done(new Unreachable(hostname), []);
      else if (options.all === true) done(null, reachable);
      else done(null, first.address, first.family);
    });
  };
}

class Unreachable extends Error {
  constructor(hostname: string) {
    super(`${hostname} has no public address; JWKS_URI_ALLOW names those that may be reached all the same.`);
  }
}
