import type { TraceParent } from './trace-context.ts';

/** Who follows requests across services. */
export type Tracer = {
  begin(request: TracedRequest): RequestSpan;
};

export type TracedRequest = {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly parent: TraceParent | undefined;
  /** What came in `tracestate` with the parent. */
  readonly state: string | undefined;
};

export type RequestSpan = {
  readonly traceId: string;
  /** `operation` is an operationId, or `none`; `route` is the path as the contract writes it. */
  end(outcome: { operation: string; route: string | undefined; status: number | undefined }): void;
};
