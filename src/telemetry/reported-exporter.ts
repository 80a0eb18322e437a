import type { SpanExporter } from '@opentelemetry/sdk-trace';

export type ExportLog = {
  warn(detail: object, message: string): void;
  info(detail: object, message: string): void;
};

/** The exporter, with a word in the log when spans begin to be lost, and when they no longer are: not for every batch. */
export function reportedExporter(exporter: SpanExporter, log: ExportLog): SpanExporter {
  let isFailing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const hasFailed = result.error !== undefined;
        if (hasFailed && !isFailing) log.warn({ reason: reasonOf(result.error) }, 'traces-not-delivered');
        if (!hasFailed && isFailing) log.info({}, 'traces-delivered-again');
        isFailing = hasFailed;
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}

/** No more than a code or a name: an answer of a collector may say anything. */
function reasonOf(error: Error | undefined): string {
  const { code, name = 'unknown' } = (error ?? {}) as { code?: unknown; name?: string };
  return typeof code === 'string' || typeof code === 'number' ? String(code) : name;
}
