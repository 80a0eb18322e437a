/**
 * Accounts. This folder owns what an account is, its roles and whether it is disabled, which usernames, names and passwords there may be, and how a password is
 * hashed, checked and changed. It leaves to others where accounts are kept (`database/` implements UserStore) and what
 * a user is granted (`tokens/`).
 */
