/**
 * From the request line to the handler: finds the operation, the client address and the caller, reads the body, and lets the
 * validator hold all of it to the contract. What goes wrong is thrown, and becomes a reply in `reply/`.
 */
