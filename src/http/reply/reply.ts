/**
 * The replies of operations, errors included. `reply-writer.ts` completes each one, checks it against the contract and writes it;
 * `errors.ts` turns what was thrown into a reply. Left to others: the pages of `docs/`, and what `listener/` answers where no
 * operation is reached.
 */
