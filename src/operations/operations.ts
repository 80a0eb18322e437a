/**
 * What each operation of the contract answers, one file for each tag: it reads a request that is in order, calls the domain, and puts
 * the outcome into words. It leaves HTTP to `http/`, the rules to the domain, and what leaves of a thing to `views/`.
 */
