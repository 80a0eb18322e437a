/** The composition root: dependencies in, request listener out. No I/O, no timers. */
import type { RequestListener } from 'node:http';
import type { AppDependencies } from './app-dependencies.ts';
import { createOnceRecorder } from '../audit/once.ts';
import { routes } from '../generated/routes.ts';
import { auditStart } from '../http/audit.ts';
import { belowBasePath } from '../http/request/base-path.ts';
import { bearerCheck, bearerIdentifier } from '../http/request/bearer.ts';
import { createCrossOriginHeaders, createPreflight } from '../http/reply/cross-origin.ts';
import { docsPaths } from '../http/docs/docs.ts';
import { expressApp } from '../http/express-app.ts';
import { createReplyWriter } from '../http/reply/reply-writer.ts';
import { createDispatch } from '../http/request/dispatch.ts';
import { observed } from '../http/observation.ts';
import { replyChecker } from '../http/reply/reply-check.ts';
import { apiHeaders } from '../http/reply/security-headers.ts';
import { createSourceReader } from '../http/request/source.ts';
import { createValidator } from '../http/request/validator.ts';
import { noMeter } from '../telemetry/meter.ts';
import { noThrottles, throttles } from '../throttling/throttles.ts';
import type { Authenticate } from '../tokens/authenticate.ts';
import { createDenialRecorder } from '../tokens/denial.ts';
import { createHandlers } from './handlers.ts';
import { pathOfIssuer } from '../config/issuer.ts';

/** Throws `AuditError` when some request could pass unchecked. */
export async function createApp(deps: AppDependencies): Promise<RequestListener> {
  const { log, contract, clock } = deps;
  const { audit, rateLimits, users, accessTokens } = deps.stores;
  const meter = deps.meter ?? noMeter;
  const recordOnce = createOnceRecorder({ audit, clock });
  const limit =
    deps.rateLimits === 'on'
      ? throttles({ store: rateLimits, users, accessTokens, clock, hasher: deps.passwordHasher, recordOnce })
      : noThrottles;
  const { handlers, authenticate } = createHandlers(deps, { limit, recordOnce });
  // Clients are authenticated by the OAuth operations themselves, whose security has `{}` as another way.
  const own: Authenticate = (token) => authenticate(token, deps.audience);
  const schemes = { bearerAuth: bearerCheck(bearerIdentifier(own)), clientBasic: () => false };
  const validator = await createValidator(contract.document, routes.operations, schemes);
  const everyReply = apiHeaders(deps.issuer);
  const crossOrigin = createCrossOriginHeaders(routes.crossOrigin, deps.corsOrigins);
  const check = replyChecker(contract.document, { ...routes.everyReply, ...routes.crossOrigin.headers });
  const writeReply = createReplyWriter({ checks: deps.replyChecks, check, everyReply, crossOrigin, log, meter });
  const sourceOf = createSourceReader({ trustedProxies: deps.trustedProxies, log, meter });
  const operations = createDispatch({
    table: routes,
    handlers,
    validator,
    identify: bearerIdentifier(own, (request) => limit.bearerFailed(sourceOf(request))),
    sourceOf,
    recordDenial: createDenialRecorder({
      recordOnce,
      clock,
      counted: () => {
        meter.accessDenied();
      },
    }),
    writeReply,
    everyReply,
    crossOrigin,
    answerPreflight: createPreflight(routes, deps.corsOrigins),
    log,
    meter,
  });

  const app = expressApp(operations, deps);
  auditStart({
    document: contract.document,
    table: routes,
    schemes: Object.keys(schemes),
    handlers: Object.keys(handlers),
    app,
    operationsMount: operations,
    outsideContract: docsPaths,
  });
  const { trustedProxies } = deps;
  const served = belowBasePath(app, { basePath: deps.basePath, issuerPath: pathOfIssuer(deps.issuer) });
  return observed(served, { log, meter: deps.meter ?? null, tracer: deps.tracer ?? null, trustedProxies });
}
