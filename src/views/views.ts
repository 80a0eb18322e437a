/**
 * Says what leaves of a thing, in the contract's names, for HTTP and the command line alike. One file for each thing, and the cursors
 * and page sizes of lists. Which thing is shown is left to the caller.
 */
