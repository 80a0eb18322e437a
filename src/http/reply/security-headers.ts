/**
 * What helmet would say of a reply, asked once: the headers are the same for every reply, so each is written with them
 * rather than passed through a middleware.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet, { type HelmetOptions } from 'helmet';

export type SecurityHeaders = Readonly<Record<string, string>>;

/** What a page of the docs may load, by the directive of its content security policy. */
export type PagePolicy = Readonly<Record<string, readonly string[]>>;

/** Of every reply of the contract, which declares them as `x-every-reply`. */
export function apiHeaders(issuer: string): SecurityHeaders {
  return recordHeaders(common(issuer, { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] }));
}

/** Of a page, which may load what it names, and which the window that opened it cannot reach. */
export function pageHeaders(issuer: string, directives: PagePolicy): SecurityHeaders {
  return recordHeaders({ ...common(issuer, directives), crossOriginOpenerPolicy: { policy: 'same-origin' } });
}

function common(issuer: string, directives: PagePolicy) {
  return {
    contentSecurityPolicy: { useDefaults: false, directives: { ...directives } },
    // Holds for embedding alone: pages of any origin still read by CORS what allows it.
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    // A browser that has been told this cannot go back to http. Hosts below the issuer's are not ours to speak for.
    strictTransportSecurity: issuer.startsWith('https:') && { includeSubDomains: false },
    // The policy says it, too; this is for browsers, and scanners, that look for no policy.
    xFrameOptions: { action: 'deny' },
    // About windows that a page opens, or lends its process to: JSON has none.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    // Nothing here has links to look names up for.
    xDnsPrefetchControl: false,
    // For Internet Explorer 8, for Flash and Acrobat, and against a filter that browsers no longer have.
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  } as const satisfies HelmetOptions;
}

/** Runs the middleware, which asks nothing of the request, over a response that writes down what is set on it. */
function recordHeaders(options: HelmetOptions): SecurityHeaders {
  const headers = new Map<string, string>();
  const response: Pick<ServerResponse, 'setHeader' | 'removeHeader'> = {
    setHeader: (name, value) => {
      headers.set(name, String(value));
      return response as ServerResponse;
    },
    removeHeader: (name) => void headers.delete(name),
  };
  let failure: unknown = new Error('helmet has not passed the request on.');
  helmet(options)(noRequest, response as ServerResponse, (error?: unknown) => {
    failure = error;
  });
  if (failure !== undefined) throw new Error('The security headers cannot be worked out.', { cause: failure });
  return Object.freeze(Object.fromEntries(headers));
}

/** It has no member that anything may look at. */
const noRequest = Object.create(null) as IncomingMessage;
