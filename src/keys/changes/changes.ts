/**
 * What an operator may do to the keys: rotate, revoke, import, and seal everything under another key-encryption key. Each change is
 * decided by pure rules, written by one call of a store, and read again. The operations and the command line both call these.
 */
