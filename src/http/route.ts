/** One row of the route table that `npm run generate` reads out of the contract. */
export type Route = {
  readonly method: 'get' | 'options' | 'post' | 'put' | 'patch' | 'delete';
  /** As the contract writes it, with `{name}` for parameters. */
  readonly path: string;
  /** The shape of its errors: RFC 9457 or RFC 6749, section 5.2. */
  readonly errors: 'problem' | 'oauth';
  readonly access: Access['access'];
  readonly scopes: readonly string[];
  /** What the request body may be; empty when the operation takes none. */
  readonly mediaTypes: readonly string[];
  readonly bodyRequired: boolean;
  /** Names of the header parameters. */
  readonly headers: readonly string[];
  readonly replies: Readonly<Record<string, ReplyShape>>;
};

/** What one status of an operation looks like. Schemas are JSON Pointers into the contract. */
export type ReplyShape = {
  readonly mediaType: string | null;
  readonly schema: string | null;
  readonly headers: Readonly<Record<string, HeaderShape>>;
};

/** Either the one value that the contract allows, which the reply writer writes by itself, or the schema of the value. */
export type HeaderShape = { readonly required: boolean; readonly value?: string; readonly schema?: string };

export type RouteTable = {
  readonly operations: Readonly<Record<string, Route>>;
  /** By each method that a path has because it has another: that other one, whose operation answers it. */
  readonly impliedMethods: Readonly<Partial<Record<'head', Route['method']>>>;
  /** What pages of other origins may do: the headers of every reply to them, and what OPTIONS is of every path. */
  readonly crossOrigin: {
    readonly headers: ReplyShape['headers'];
    readonly preflight: Route & { readonly operationId: string };
  };
  /** Replies to requests that reach no operation, by what is at the path and by status. */
  readonly unmatched: Readonly<Record<Route['errors'] | 'public', Readonly<Record<string, ReplyShape>>>>;
  /** Headers of every reply, besides those of its shape. */
  readonly everyReply: ReplyShape['headers'];
};

/** Its value is the origin of the page that may read the reply, or `*`. */
export const allowOrigin = 'Access-Control-Allow-Origin';

/** Whether pages of any origin may read what the operation answers. */
export function isForAnyOrigin({ replies }: Route): boolean {
  return replies['200']?.headers[allowOrigin]?.value === '*';
}

/** A member of `security` in the contract: scheme names, each with scopes. */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

/**
 * Who may call an operation.
 * - `public`: anyone.
 * - `bearer`: the bearer of an access token with all `scopes`; the validator sees to it.
 * - `client`: the operation authenticates a client itself, since RFC 6749 lets clients use the body, too; so its security
 *   says `{}` as well. With `scopes`, the bearer of an access token may call it instead.
 */
export type Access = { readonly access: 'public' | 'bearer' | 'client'; readonly scopes: readonly string[] };

/** Undefined for a combination of requirements that nothing here enforces. */
export function accessOf(security: readonly SecurityRequirement[]): Access | undefined {
  const schemes = security.map((requirement) => Object.keys(requirement).join('+')).sort();
  const scopes = security.flatMap((requirement) => requirement['bearerAuth'] ?? []);
  if (schemes.length === 0) return { access: 'public', scopes };
  if (schemes.join() === 'bearerAuth') return { access: 'bearer', scopes };
  if (schemes.join() === ',clientBasic') return { access: 'client', scopes };
  if (schemes.join() === ',bearerAuth,clientBasic' && scopes.length > 0) return { access: 'client', scopes };
  return undefined;
}
