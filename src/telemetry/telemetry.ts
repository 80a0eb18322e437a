/**
 * What operators see of a running server: log lines, metrics, traces. This folder owns how they are written, what is kept
 * out of them, and which request a line belongs to. It leaves to others what there is to tell (`http/` counts requests,
 * the domain is wrapped from outside, in `server/handlers.ts`) and where metrics are asked for (`http/listener/management.ts`).
 */
