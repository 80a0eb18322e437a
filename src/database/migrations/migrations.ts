/** How the schema came to be, one numbered step after another, and how a database is brought up to date or refused. */
