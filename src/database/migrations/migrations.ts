/**
 * The schema, one numbered step after another. `migrate.ts` lists the steps, runs them, and says what a step may do; `schema-state.ts`
 * refuses a database that is behind or ahead. What tables look like now is in `../schema.ts`.
 */
