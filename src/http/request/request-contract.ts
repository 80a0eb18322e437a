type Node = Record<string, unknown>;

type Contract = Node & { paths: Record<string, Record<string, Node>>; components?: { securitySchemes?: unknown } };

/**
 * What a validator of requests needs of the contract: a copy of its own, without replies, with every `$ref` replaced by what
 * it points to, and without components but the security schemes. (express-openapi-validator compiles a schema for each
 * `$ref` that it finds, used or not, which slows the start.)
 */
export function requestContract(document: object): object {
  const copy = structuredClone(document) as Contract;
  for (const item of Object.values(copy.paths)) {
    for (const operation of Object.values(item)) {
      operation['responses'] = {};
      // As the validator spells it.
      if (operation['x-unknown-query'] === 'ignored') operation['x-eov-allow-unknown-query-parameters'] = true;
      // Left out means false (OpenAPI 3.1.1, 4.8.13); the validator only takes false itself for it.
      const body = operation['requestBody'] as Node | undefined;
      if (body !== undefined)
        operation['requestBody'] = { required: false, ...(dereference(body, copy, new Map()) as Node) };
    }
  }
  const securitySchemes = copy.components?.securitySchemes;
  return { ...copy, paths: dereference(copy.paths, copy, new Map()), components: { securitySchemes } };
}

/** What may stand beside a `$ref` without asking anything of a request. */
const annotations = new Set(['summary', 'description']);

/** `seen` holds what each object became, so that a schema which refers to itself ends in itself. */
function dereference(value: unknown, root: Node, seen: Map<unknown, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (seen.has(value)) return seen.get(value);
  if (Array.isArray(value)) return value.map((item) => dereference(item, root, seen));
  const { $ref, ...beside } = value as Node;
  if (typeof $ref === 'string') {
    const unread = Object.keys(beside).filter((name) => !annotations.has(name));
    if (unread.length > 0)
      throw new Error(`openapi.yaml: ${unread.join(', ')} beside $ref: ${$ref} would not be checked.`);
    return dereference(find($ref, root), root, seen);
  }
  const result: Node = {};
  seen.set(value, result);
  for (const [name, member] of Object.entries(value)) result[name] = dereference(member, root, seen);
  return result;
}

/** Throws where nothing is: a schema that is not there would allow everything. */
function find(pointer: string, root: Node): unknown {
  const [start, ...parts] = pointer.split('/');
  const found = parts.reduce<unknown>(
    (node, part) => (node as Node | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')],
    root,
  );
  if (start !== '#' || found === undefined) throw new Error(`openapi.yaml: $ref: ${pointer} points to nothing.`);
  return found;
}
