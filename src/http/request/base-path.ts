/** Where requests arrive: below the prefix that a proxy has left on them, and, for metadata, where RFC 8414 looks for it. */
import type { RequestListener } from 'node:http';

const metadata = '/.well-known/oauth-authorization-server';

/** Asked by whoever is beside the server, past any proxy. */
const probes = ['/livez', '/readyz'];

/** There is nothing at it, and never will be. */
const nowhere = '/*';

/**
 * `app`, which is asked by the paths of the contract alone. Requests carry `basePath` in front of those. The metadata of an issuer
 * with a path is also where the path comes behind the well-known part (RFC 8414, 3.1), which no prefix is before.
 */
export function belowBasePath(
  app: RequestListener,
  { basePath, issuerPath }: { basePath: string; issuerPath: string },
): RequestListener {
  if (basePath === '' && issuerPath === '') return app;
  return (request, response) => {
    const [, authority = '', path = '', query = ''] =
      /^(https?:\/\/[^/?#]*)?([^?]*)(.*)$/is.exec(request.url ?? '') ?? [];
    request.url = authority + pathInContract(path) + query;
    app(request, response);
  };

  function pathInContract(path: string): string {
    if (issuerPath !== '' && path === metadata + issuerPath) return metadata;
    if (path.startsWith(`${basePath}/`)) return path.slice(basePath.length);
    return probes.includes(path) ? path : nowhere;
  }
}
