/** Copies of a whole database: a backup while servers run, and a move to another database of either kind. */
