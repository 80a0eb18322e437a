/**
 * Copies a whole database: a backup while servers run, and a move to another database of either kind. Records that a copy began. Leaves
 * the schema to `migrations/`.
 */
