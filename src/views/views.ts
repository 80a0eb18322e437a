/** What leaves of a thing, in the contract's names: for HTTP and for the command line alike, and in one place for each. */
