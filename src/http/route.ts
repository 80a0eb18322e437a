/** One row of the route table that `npm run generate` reads out of the contract. */
export type Route = {
  readonly method: 'get' | 'head' | 'options' | 'post' | 'put' | 'patch' | 'delete';
  /** As the contract writes it, with `{name}` for parameters. */
  readonly path: string;
  /** For HEAD: the operation that answers it, without its content. */
  readonly headOf?: string;
  /** The shape of its errors: RFC 9457 or RFC 6749, section 5.2. */
  readonly errors: 'problem' | 'oauth';
  /** `bearer`: needs an access token with all `scopes`. `client`: the operation authenticates the caller itself. */
  readonly access: 'public' | 'bearer' | 'client';
  readonly scopes: readonly string[];
  /** What the request body may be; empty when the operation takes none. */
  readonly mediaTypes: readonly string[];
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

/** Either the one value that the contract allows, which the exit writes by itself, or the schema of the value. */
export type HeaderShape = { readonly required: boolean; readonly value?: string; readonly schema?: string };

export type RouteTable = {
  readonly operations: Readonly<Record<string, Route>>;
  /** Replies to requests that reach no operation, by status; `405-oauth` on a path of OAuth operations. */
  readonly unmatched: Readonly<Record<string, ReplyShape>>;
};
