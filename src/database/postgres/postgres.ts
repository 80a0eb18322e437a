/**
 * What only PostgreSQL has: its dialect, faults, upkeep and connections. The file names are those of `sqlite/`, where both have the
 * same part.
 */
