/**
 * Owns access tokens, sessions with their refresh tokens, and scopes. It leaves to others the keys that sign
 * (`keys/`), who asks for a token (`clients/`, `users/`), and where tokens are kept (`database/` implements the stores).
 */
