import type { TraceParent } from './trace-context.ts';

/** Who follows requests across services. */
export type Tracer = {
  begin(request: TracedRequest): RequestSpan;
};

export type TracedRequest = {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly parent: TraceParent | undefined;
  /** Whether the parent comes from a trusted proxy, and so decides what is recorded. */
  readonly isParentTrusted: boolean;
  /** What came in `tracestate` with the parent. */
  readonly state: string | undefined;
};

export type RequestSpan = {
  readonly traceId: string;
  /** `operation` is an operationId, or `none`; `route` is the path as the contract writes it. */
  end(outcome: { operation: string; route: string | undefined; status: number | undefined }): void;
};
