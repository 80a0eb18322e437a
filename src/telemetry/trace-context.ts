/** What a caller says of the trace that its request is part of (W3C Trace Context). Anybody can send it. */
export type TraceParent = { readonly traceId: string; readonly parentId: string; readonly flags: number };

/** Version, trace id, parent id, flags; a version that is not known yet may say more behind them (section 3.2.4). */
const format = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Undefined for a header that is not in order, which counts as none (section 3.2.2.3 and on). */
export function parseTraceparent(header: string | undefined): TraceParent | undefined {
  // Longer than any version could mean it.
  if (header === undefined || header.length > 512) return undefined;
  const [, version, traceId = '', parentId = '', flags = '', more] = format.exec(header) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined;
  return { traceId, parentId, flags: Number.parseInt(flags, 16) };
}
