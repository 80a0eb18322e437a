import { HttpError } from '../reply/http-error.ts';
import { type Route, type RouteTable, isForAnyOrigin } from '../route.ts';

export type Match = {
  readonly operationId: string;
  readonly route: Route;
  readonly parameters: Record<string, string>;
};

/** No operation: 404, or 405 with `Allow`, in the error family of the path; `kind` says where the replies are declared. */
export type Miss = {
  readonly family: Route['errors'];
  readonly kind: keyof RouteTable['unmatched'];
  readonly httpError: HttpError;
};

type Methods = Map<string, { operationId: string; route: Route }>;
type PathsOfTable = Pick<RouteTable, 'operations' | 'impliedMethods' | 'crossOrigin'>;
type Template = { readonly pattern: RegExp; readonly names: string[]; readonly methods: Methods };

/**
 * Finds the operation for a method and a path, as they came over the wire: one lookup for a path without parameters, one
 * pattern each for the others. Paths are compared literally, so `/users/me/` and `/users%2Fme` are not `/users/me`. Each has
 * OPTIONS.
 */
export function routeMatcher(table: PathsOfTable): (method: string, path: string) => Match | Miss {
  const { preflight } = table.crossOrigin;
  const literal = new Map<string, Methods>();
  const templates = new Map<string, Template>();

  for (const [operationId, route] of Object.entries(table.operations)) {
    for (const method of methodsOf(route, table)) addTo(route.path).set(method, { operationId, route });
  }
  for (const { path } of Object.values(table.operations)) {
    addTo(path).set('OPTIONS', { operationId: preflight.operationId, route: { ...preflight, path } });
  }

  return (method, path) => {
    const [methods, parameters] = find(path);
    if (methods === undefined)
      return { family: 'problem', kind: 'problem', httpError: new HttpError(404, 'There is nothing at this path.') };
    const found = methods.get(method);
    return found === undefined ? methodNotAllowed(method, methods) : { ...found, parameters };
  };

  function addTo(path: string): Methods {
    if (!path.includes('{')) return getOrAdd(literal, path, (): Methods => new Map());
    return getOrAdd(templates, path, () => templateOf(path)).methods;
  }

  function find(path: string): [Methods | undefined, Record<string, string>] {
    const methods = literal.get(path);
    if (methods !== undefined) return [methods, {}];
    for (const template of templates.values()) {
      const values = template.pattern.exec(path)?.slice(1).map(decode);
      if (values === undefined || values.includes(undefined)) continue;
      return [template.methods, Object.fromEntries(template.names.map((name, at) => [name, values[at] ?? '']))];
    }
    return [undefined, {}];
  }
}

/** The methods that an operation answers, as requests spell them. */
export function methodsOf({ method }: Route, { impliedMethods }: Pick<RouteTable, 'impliedMethods'>): string[] {
  const implied = Object.entries(impliedMethods).filter(([, by]) => by === method);
  return [method, ...implied.map(([name]) => name)].map((name) => name.toUpperCase());
}

function templateOf(path: string): Template {
  const names: string[] = [];
  const source = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{([^}]+)\}/g, (_, name: string) => {
    names.push(name);
    return '([^/]+)';
  });
  return { pattern: new RegExp(`^${source}$`), names, methods: new Map() };
}

/** Undefined when the value is not well-formed; there is nothing at such a path. */
function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

/** A path that has only OAuth operations answers in their shape. */
function methodNotAllowed(method: string, methods: Methods): Miss {
  const routes = [...methods.values()].map(({ route }) => route).filter(({ method: own }) => own !== 'options');
  const family = routes.every(({ errors }) => errors === 'oauth') ? 'oauth' : 'problem';
  const kind = routes.some(isForAnyOrigin) ? 'public' : family;
  const headers = { Allow: [...methods.keys()].join(', ') };
  return { family, kind, httpError: new HttpError(405, `This path does not have the method ${method}.`, { headers }) };
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
