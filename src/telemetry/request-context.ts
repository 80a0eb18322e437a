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
