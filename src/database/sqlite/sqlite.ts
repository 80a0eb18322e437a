/** What only SQLite has: its dialect, faults and upkeep. The file names are those of `postgres/`, where both have the same part. */
