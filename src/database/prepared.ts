import type { CompiledQuery } from 'kysely';
import type { Database } from './schema.ts';

/** Stands for a value that each run of a prepared query brings. */
class Slot {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * Builds and compiles a query once, for paths that every request takes; a run only fills in the values. The builder gets
 * a stand-in for each name and uses it where a value of that column's type goes.
 */
export function prepare<const Name extends string, Row>(
  db: Database,
  names: readonly Name[],
  build: (slots: Record<Name, string>) => { compile(): CompiledQuery<Row> },
): (values: Readonly<Record<Name, string>>) => Promise<Row | undefined> {
  const slots = Object.fromEntries(names.map((name) => [name, new Slot(name)]));
  // The builder hands its values through to the driver unseen, so a stand-in may pass for the text that will take its place.
  const query = build(slots as object as Record<Name, string>).compile();
  return async (values) => {
    const parameters = query.parameters.map((value) => (value instanceof Slot ? values[value.name as Name] : value));
    return (await db.executeQuery<Row>({ ...query, parameters })).rows[0];
  };
}
