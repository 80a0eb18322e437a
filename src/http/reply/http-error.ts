/** One fault of a request: `pointer` says where (`/body/…`, `/query/…`), `detail` what. */
export type Fault = { readonly pointer: string; readonly detail: string };

/** Thrown to refuse a request. All of it may be shown to the client. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly detail: string;
  readonly errors: readonly Fault[] | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The code that an OAuth operation answers with. */
  readonly oauthError: string;

  constructor(
    status: number,
    detail: string,
    more: { errors?: readonly Fault[]; headers?: Record<string, string>; oauthError?: string } = {},
  ) {
    super(detail);
    this.status = status;
    this.detail = detail;
    this.errors = more.errors;
    this.headers = more.headers ?? {};
    this.oauthError = more.oauthError ?? 'invalid_request';
  }
}
