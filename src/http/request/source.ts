import type { Request } from 'express';
import type { Source } from '../../audit/event.ts';
import type { Meter } from '../../telemetry/meter.ts';
import { type AddressFault, createClientAddressFinder } from './client-address.ts';
import type { WarningLog } from '../log.ts';

const longestUserAgent = 256;

/** As much of a hop that cannot be read as it takes to see what the proxy writes. */
const longestHop = 64;

/** Where a request came from. */
export type SourceOf = (request: Request) => Source;

/**
 * Where no address of the client is to be had, all clients of a proxy share its own, and one of them can use up the limits of
 * all. So each such request is counted, and the first of each kind is logged: the log is not for attackers to fill.
 */
export function createSourceReader(deps: {
  trustedProxies: readonly string[];
  log: WarningLog;
  meter: Pick<Meter, 'clientAddressUnknown'>;
}): SourceOf {
  const { log, meter } = deps;
  const findClientAddress = createClientAddressFinder(deps.trustedProxies);
  const sources = new WeakMap<Request, Source>();
  const logged = new Set<AddressFault['reason']>();

  return function sourceOf(request) {
    let source = sources.get(request);
    if (source === undefined) sources.set(request, (source = read(request)));
    return source;
  };

  function read({ headers, socket }: Request): Source {
    const forwarded = headers['x-forwarded-for'] ?? '';
    const { address, fault } = findClientAddress(socket.remoteAddress, String(forwarded));
    if (fault !== undefined) report(fault, address);
    return { address, userAgent: printable(headers['user-agent'] ?? '', longestUserAgent) || null };
  }

  function report({ reason, hop }: AddressFault, proxy: string | null): void {
    meter.clientAddressUnknown(reason);
    if (logged.has(reason)) return;
    logged.add(reason);
    log.warn({ reason, proxy, hop: printable(hop, longestHop) }, 'client-address-unknown');
  }
}

function printable(text: string, longest: number): string {
  return text.replaceAll(/[^\x20-\x7E]/g, '?').slice(0, longest);
}
