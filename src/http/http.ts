/**
 * Everything that knows Express and sockets; nothing else does. `listener/` has the sockets, `request/` takes a request up to the
 * handler, `reply/` writes and checks what leaves, `docs/` are the pages about the contract. This folder itself has what these share.
 * What an operation answers is left to `operations/`.
 */
