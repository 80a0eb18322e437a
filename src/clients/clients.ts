/**
 * Service clients: who makes an OAuth request, a registered client that proves itself or the built-in first-party one.
 * This folder owns how clients are registered and authenticated. It leaves to others where they are kept (`database/`
 * implements ClientStore) and what they are granted (`tokens/`).
 */
