/**
 * What operators see of a running server: log lines, metrics, traces. This folder owns how they are written, what is kept
 * out of them, and which request a line belongs to. It leaves to others what there is to tell (`http/` counts requests,
 * the domain is wrapped from outside, in `handlers.ts`) and where metrics are asked for (`http/management.ts`).
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** The request that is served, as far as a line about it says so. */
export type RequestContext = {
  readonly requestId: string;
  /** Of the trace that the request is part of; undefined when it is part of none. */
  readonly traceId: string | undefined;
};

const current = new AsyncLocalStorage<RequestContext>();

/** Does `work`, and whatever follows from it, on behalf of a request. */
export function inRequest<T>(context: RequestContext, work: () => T): T {
  return current.run(context, work);
}

/** Undefined for what no request asked for. */
export function currentRequest(): RequestContext | undefined {
  return current.getStore();
}
