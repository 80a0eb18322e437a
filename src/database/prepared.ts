import type { CompiledQuery } from 'kysely';
import type { Database } from './schema.ts';

/** Stands for a value that each run of a prepared query brings. */
class Slot {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** `now` is a moment; any other name stands for a text. */
type Values<Name extends string> = { readonly [Each in Name]: Each extends 'now' ? number : string };

type Build<Name extends string, Row> = (slots: Values<Name>) => { compile(): CompiledQuery<Row> };

/**
 * Builds and compiles a query once, for paths that every request takes; a run only fills in the values. The builder gets
 * a stand-in for each name and uses it where a value of that column's type goes. A run gives the first row.
 */
export function prepare<const Name extends string, Row>(
  db: Database,
  names: readonly Name[],
  build: Build<Name, Row>,
): (values: Values<Name>) => Promise<Row | undefined> {
  const run = prepareAll(db, names, build);
  return async (values) => (await run(values))[0];
}

/** The same, for all rows. */
export function prepareAll<const Name extends string, Row>(
  db: Database,
  names: readonly Name[],
  build: Build<Name, Row>,
): (values: Values<Name>) => Promise<Row[]> {
  const slots = Object.fromEntries(names.map((name) => [name, new Slot(name)]));
  // The builder hands its values through to the driver unseen, so a stand-in may pass for the value that will take its place.
  const query = build(slots as object as Values<Name>).compile();
  return async (values) => {
    const parameters = query.parameters.map((value) => (value instanceof Slot ? values[value.name as Name] : value));
    return (await db.executeQuery<Row>({ ...query, parameters })).rows;
  };
}
