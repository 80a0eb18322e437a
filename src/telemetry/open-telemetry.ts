/** Traces by OpenTelemetry, sent to a collector by OTLP over HTTP. Loaded only where traces are asked for. */
import {
  type Context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  createTraceState,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { type ExportLog, reportedExporter } from './reported-exporter.ts';
import type { TracedRequest, Tracer } from './tracer.ts';

/** In milliseconds: a collector that does not answer holds no more than one batch for so long. */
const exportTimeout = 10_000;

/** In seconds: a collector that is away does not keep the server from its end. */
const longestGoodbye = 3;

/**
 * The exporter reads where to send what, and how, from the environment itself (`OTEL_EXPORTER_OTLP_…`), and the resource
 * `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`. The share `ratio` of requests is kept; a trusted proxy that sent a
 * `traceparent` has decided already. What cannot be delivered is dropped, in memory there are 2048 spans at most.
 */
export function openTelemetryTracer({ ratio, log }: { ratio: number; log: ExportLog }): {
  tracer: Tracer;
  /** Sends what is left, for `grace` seconds at most, and three. */
  close(grace: number): Promise<void>;
} {
  const exporter = reportedExporter(new OTLPTraceExporter(), log);
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'tessera' }))
      .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] })),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor({ exporter, exportTimeoutMillis: exportTimeout })],
  });
  const spans = provider.getTracer('tessera');

  return {
    tracer: {
      begin(request) {
        const { method, scheme } = request;
        // No path and no query: there are ids in the one, and there may be anything in the other.
        const attributes = { 'http.request.method': method, 'url.scheme': scheme };
        const span = spans.startSpan(method, { kind: SpanKind.SERVER, attributes }, parentOf(request, ratio));
        return {
          traceId: span.spanContext().traceId,
          end({ operation, route, status }) {
            span.updateName(operation === 'none' ? method : operation);
            if (route !== undefined) span.setAttribute('http.route', route);
            if (status === undefined) span.setAttribute('error.type', 'aborted');
            else span.setAttribute('http.response.status_code', status);
            if (status !== undefined && status >= 500) {
              span.setAttribute('error.type', String(status));
              span.setStatus({ code: SpanStatusCode.ERROR });
            }
            span.end();
          },
        };
      },
    },
    async close(grace) {
      const timeout = new Promise<void>((resolve) =>
        setTimeout(resolve, Math.min(grace, longestGoodbye) * 1000).unref(),
      );
      await Promise.race([provider.shutdown().catch(() => undefined), timeout]);
    },
  };
}

function parentOf({ parent, state, isParentTrusted }: TracedRequest, ratio: number): Context {
  if (parent === undefined) return ROOT_CONTEXT;
  // Anybody could have everything recorded, or nothing. Not by the trace id either, which is of the same hand: by lot.
  const isSampled = isParentTrusted ? (parent.flags & 1) === 1 : Math.random() < ratio;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: parent.traceId,
    spanId: parent.parentId,
    // Of the flags only `sampled` is known to the SDK.
    traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
    // It moves to another package with the next major version.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    ...(state !== undefined && { traceState: createTraceState(state) }),
  });
}
