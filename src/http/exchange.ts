import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Caller } from '../tokens/caller.ts';
import type { Route } from './route.ts';

/** What is known of one request and its reply while it is under way. */
export type Exchange = {
  readonly operationId: string;
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
  /** Set by the `bearerAuth` check. */
  caller?: Caller;
  /** Whose access token works and lacks a scope that the operation needs. */
  lackingCaller?: Caller;
  /** Why the security check refused, or what went wrong in it. */
  denial?: unknown;
};

const exchanges = new WeakMap<IncomingMessage, Exchange>();
const requestIds = new WeakMap<IncomingMessage, string>();

export function beginExchange(request: IncomingMessage, exchange: Exchange): Exchange {
  exchanges.set(request, exchange);
  return exchange;
}

/** Undefined for a request that reached no operation. */
export function exchangeOf(request: IncomingMessage): Exchange | undefined {
  return exchanges.get(request);
}

/** Names the request in the log and in the error reply; made when it is first asked for. */
export function requestIdOf(request: IncomingMessage): string {
  let id = requestIds.get(request);
  if (id === undefined) {
    id = randomUUID();
    requestIds.set(request, id);
  }
  return id;
}
