/** Holds what leaves to the contract: status, headers and body of every reply, errors included. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { ReplyShape } from '../route.ts';

export type WholeReply = {
  readonly status: number;
  /** All headers that the server chose; those of the transport are not among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
};

/** The faults of a reply, none when it keeps the contract. They say where and why, never the values. */
export type CheckReply = (reply: WholeReply, shape: ReplyShape | undefined) => string[];

const documentId = 'contract';

/** `everyReply` are the headers that any reply has besides those of its shape. */
export function replyChecker(document: object, everyReply: ReplyShape['headers']): CheckReply {
  const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: false });
  addFormats.default(ajv, ['date-time', 'uri', 'uuid']);
  ajv.addFormat('password', true);
  ajv.addSchema({ ...document, $id: documentId });

  // Each schema is compiled when it is first needed, which keeps the start short.
  const compiled = new Map<string, ValidateFunction>();
  // A frozen body is the same for ever, so it is checked once for each shape.
  const checked = new WeakMap<object, ReplyShape>();
  const headersOf = new WeakMap<ReplyShape, ReplyShape['headers']>();

  return (reply, shape) => {
    if (shape === undefined) return [`status ${reply.status} is not declared`];
    return [...headerFaults(reply, shape), ...bodyFaults(reply, shape)];
  };

  function headerFaults({ headers }: WholeReply, shape: ReplyShape): string[] {
    const faults: string[] = [];
    const declared = declaredHeaders(shape);
    for (const name in headers) {
      if (!(name in declared)) faults.push(`header ${name} is not declared`);
    }
    for (const name in declared) {
      const header = declared[name];
      const value = headers[name];
      if (header === undefined) continue;
      if (value === undefined) {
        if (header.required) faults.push(`header ${name} is missing`);
      } else if (header.value !== undefined ? header.value !== value : !fits(value, header.schema)) {
        faults.push(`header ${name} has a value that is not declared`);
      }
    }
    return faults;
  }

  function declaredHeaders(shape: ReplyShape): ReplyShape['headers'] {
    let declared = headersOf.get(shape);
    if (declared === undefined) headersOf.set(shape, (declared = { ...everyReply, ...shape.headers }));
    return declared;
  }

  function bodyFaults({ body }: WholeReply, shape: ReplyShape): string[] {
    if (shape.schema === null) return body === undefined ? [] : ['a body is not declared'];
    if (body === undefined) return ['the body is missing'];
    const frozen = typeof body === 'object' && body !== null && Object.isFrozen(body) ? body : undefined;
    if (frozen !== undefined && checked.get(frozen) === shape) return [];
    const validate = validatorOf(shape.schema);
    if (!validate(body)) {
      return (validate.errors ?? []).map((error) => `body${error.instancePath} ${error.message ?? error.keyword}`);
    }
    if (frozen !== undefined) checked.set(frozen, shape);
    return [];
  }

  function fits(value: string, schema: string | undefined): boolean {
    return schema === undefined || validatorOf(schema)(value);
  }

  function validatorOf(schema: string): ValidateFunction {
    let validate = compiled.get(schema);
    if (validate === undefined) {
      validate = ajv.compile({ $ref: documentId + schema });
      compiled.set(schema, validate);
    }
    return validate;
  }
}
