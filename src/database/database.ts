/**
 * The only folder that knows SQL: SQLite and PostgreSQL through one set of queries. `stores/` implements the store interfaces of the
 * domain, `migrations/` brings the schema up to date, `transfer/` copies and moves a whole database, `sqlite/` and `postgres/` have
 * what differs. This folder itself opens a database and has what the rooms share. What a stored thing means is left to the domain.
 */
