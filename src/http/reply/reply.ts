/** What leaves the server: every reply, errors included, is completed, checked against the contract and written here, in one place. */
