/**
 * The contract as types: what a handler is given and what it may answer, for each operation. Types only.
 *
 * TypeScript lets extra body members through, so the reply writer checks every reply against the schema at run time as well.
 */
import type { operations } from '../generated/api.ts';
import type { routes } from '../generated/routes.ts';
import type { Source } from '../audit/event.ts';
import type { Caller } from '../tokens/caller.ts';

type Table = (typeof routes)['operations'];

export type OperationId = keyof Table;

export type Handlers = { readonly [Id in OperationId]: Handler<Id> };
export type Handler<Id extends OperationId> = (request: Request<Id>) => Promise<Reply<Id>> | Reply<Id>;

/** What the validator has let through, as the contract types it. */
export type Request<Id extends OperationId> = {
  readonly path: Given<operations[Id]['parameters']['path']>;
  readonly query: Given<operations[Id]['parameters']['query']>;
  readonly headers: Given<operations[Id]['parameters']['header']>;
  readonly body: Body<operations[Id]>;
  /** Where the request came from. */
  readonly source: Source;
} & Credentials<Table[Id]>;

/** `caller` exactly where the contract asks for an access token; the raw header where the operation authenticates. */
type Credentials<Row> = Row extends { access: 'bearer' }
  ? { readonly caller: Caller }
  : Row extends { access: 'client'; scopes: readonly [] }
    ? { readonly authorization: string | undefined }
    : Row extends { access: 'client' }
      ? { readonly authorization: string | undefined; readonly caller: Caller | undefined }
      : unknown;

/** Undefined where the operation takes no body, and also where the body may be left out. */
type Body<Operation> = Operation extends { requestBody: { content: infer Content } }
  ? Content[keyof Content]
  : Operation extends { requestBody?: { content: infer Content } }
    ? Content[keyof Content] | undefined
    : undefined;

/** One member for each status that the contract declares. */
export type Reply<Id extends OperationId> = {
  [Status in keyof operations[Id]['responses']]: {
    readonly status: Status;
  } & ReplyHeaders<operations[Id]['responses'][Status]> &
    ReplyBody<operations[Id]['responses'][Status]>;
}[keyof operations[Id]['responses']];

/** The headers that the handler chooses. Those with one value only are written by the reply writer. */
type ReplyHeaders<Response> = Response extends { headers: infer Headers }
  ? keyof Chosen<Headers> extends never
    ? { readonly headers?: never }
    : { readonly headers: Readonly<Chosen<Headers>> }
  : { readonly headers?: never };

/**
 * A problem document is completed by the reply writer with type, title, status and request id. The rest is the handler's, members
 * beyond those of RFC 9457 included (its section 3.2).
 */
type ReplyBody<Response> = Response extends { content: infer Content }
  ? Content extends { 'application/problem+json': infer Problem }
    ? { readonly body: Omit<Problem, 'type' | 'title' | 'status' | 'request_id'> }
    : { readonly body: Content[keyof Content] }
  : { readonly body?: never };

type Known<Headers> = { [Name in keyof Headers as string extends Name ? never : Name]: Headers[Name] };
type Chosen<Headers> = {
  [Name in keyof Known<Headers> as string extends Required<Known<Headers>>[Name] ? Name : never]: Known<Headers>[Name];
};

type Given<Parameters> = [Exclude<Parameters, undefined>] extends [never]
  ? object
  : Readonly<Exclude<Parameters, undefined>>;
