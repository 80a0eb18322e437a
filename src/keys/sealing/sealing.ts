/**
 * What guards a key in the database: the private part is sealed under a key-encryption key (AES-256-GCM), and the facts that never
 * change are authenticated by a MAC under a key derived from it. Key material is made, opened and compared here. It leaves to
 * `keyring/` which rows are trusted, and to `changes/` when anything is sealed anew.
 */
