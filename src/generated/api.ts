// Written by `npm run generate` from openapi.yaml. Never edit by hand.

export interface paths {
    readonly "/token": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Issue tokens
         * @description The token endpoint (RFC 6749, section 3.2). The request is form-encoded; an empty parameter counts as absent, an
         *     unknown one is ignored, a repeated one is `invalid_request`.
         *
         *     | `grant_type` | for | needs |
         *     | --- | --- | --- |
         *     | `password` | users, through the first-party client or a registered one within its scope | `username`, `password` |
         *     | `refresh_token` | the client that the refresh token was issued to | `refresh_token` |
         *     | `client_credentials` | registered clients | client authentication |
         *
         *     A client authenticates by HTTP Basic or with `client_id` and `client_secret` in the body, never both. Without
         *     client authentication the request comes from the built-in public client, `first-party`.
         *
         *     A refresh token works once: the reply holds its successor. Presenting a used one ends the session with all its
         *     tokens (RFC 9700, section 4.14.2). `scope` may narrow what is granted; asking for more is `invalid_scope`.
         */
        readonly post: operations["issueToken"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/revoke": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Revoke a token
         * @description RFC 7009. A refresh token ends its session with every token of it; an access token ends alone. A token that is
         *     unknown, expired or revoked already is answered 200 like any other, since the purpose is met.
         *     A client can revoke only what was issued to it: anything else is `invalid_grant`.
         */
        readonly post: operations["revokeToken"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/introspect": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Inspect a token
         * @description RFC 7662. The caller is a registered client, by HTTP Basic or with its credentials in the body, or the bearer of
         *     an access token with the scope `tokens:introspect`.
         *
         *     A client sees the tokens that were issued to it; with the scope `tokens:introspect` it sees every token.
         *     Whatever it may not see, and whatever is not active, is `{"active": false}` and nothing more.
         */
        readonly post: operations["introspectToken"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/users": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Register a user
         * @description Makes an account that can sign in at once, with the scopes `profile:read` and `profile:write`.
         *
         *     Usernames are compared without regard to case (RFC 8265, UsernameCaseMapped). Passwords are normalised to NFKC
         *     and otherwise taken verbatim: 8 to 256 characters, and none that is guessed first.
         */
        readonly post: operations["registerUser"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/users/me": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read the caller's account
         * @description The account that the access token was issued for.
         */
        readonly get: operations["getCurrentUser"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Delete the caller's account
         * @description Removes the account and everything kept for it. Its tokens stop working here and at introspection at once.
         */
        readonly delete: operations["deleteCurrentUser"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Change the caller's account
         * @description Changes the members that are given and leaves the others as they are. A `name` of null removes it.
         */
        readonly patch: operations["updateCurrentUser"];
        readonly trace?: never;
    };
    readonly "/users/me/password": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        /**
         * Change the caller's password
         * @description Needs the current password. The session that makes the change goes on; every other session of the user ends.
         */
        readonly put: operations["changePassword"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/keys": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List the keys
         * @description Every key that is kept, in order of succession: each takes over from the one before it. Verify-only keys, which
         *     belong to another issuer and never sign here, come last. Revoked keys stay on the list for good; retired ones
         *     leave it, at the latest when no earlier key is in the set any more.
         *
         *     This is what this server goes by: what another one did just now, it learns within seconds.
         */
        readonly get: operations["listKeys"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/keys/rotate": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Rotate the keys now
         * @description Lets the standby sign from now on, ahead of its schedule, and publishes a new standby. The key that signed until
         *     now stays published until the last token that it signed has expired: no token stops working.
         *
         *     Too soon, some verifier may not have fetched the standby yet and would refuse its tokens: 409, with the moment
         *     from which on it is safe. `force` rotates all the same.
         *
         *     Give `signer` to repeat the request safely when its reply was lost: if the first one came through, that key does
         *     not sign any more, and the answer is 409 with the key that does.
         */
        readonly post: operations["rotateKeys"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/keys/{kid}/revoke": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Revoke a key
         * @description Takes the key out of the set for good: at once on this server, within seconds on others of the installation. Tokens
         *     that it signed stop working there and at introspection, that of the caller included; a verifier that keeps the set
         *     may accept them for as long as it keeps it. If the key
         *     was signing, the standby signs from the same moment on.
         *
         *     Revoking a key again changes nothing and is answered 200 like the first time, so it is safe to repeat.
         */
        readonly post: operations["revokeKey"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/audit-events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List what was changed
         * @description What happened to the keys, the newest first: each event says who did it, when, and why. An event is written
         *     together with the change itself, so neither is ever without the other.
         *
         *     Each page but the last has a `next_cursor`: send it as `cursor`, with the same `subject`, for the page behind it.
         *     Events that happen in between do not move the pages.
         */
        readonly get: operations["listAuditEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/.well-known/jwks.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The keys that verify tokens
         * @description A JWK set (RFC 7517): the key that signs, the standby that will sign next, and each earlier key for as long as a
         *     token that it signed can be valid. Never empty. Keep it for `max-age` and fetch it again on an unknown `kid`.
         *
         *     Unless the operator chooses otherwise, every key is an RSA key for RS256. When the algorithm is changed, the set
         *     holds keys of both for a while. Verify a token with the `alg` of its key, and pass over keys of other types. The set
         *     may hold keys of an issuer that this one replaces, too: check `iss`, as ever.
         */
        readonly get: operations["getJwks"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        /**
         * CORS preflight for the key set
         * @description Any origin may read this resource.
         */
        readonly options: operations["preflightJwks"];
        /**
         * The headers of the key set
         * @description What GET answers, without the content.
         */
        readonly head: operations["headJwks"];
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/.well-known/oauth-authorization-server": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What this server can do
         * @description Authorization server metadata (RFC 8414). It lists only what works.
         */
        readonly get: operations["getAuthorizationServerMetadata"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        /**
         * CORS preflight for the metadata
         * @description Any origin may read this resource.
         */
        readonly options: operations["preflightAuthorizationServerMetadata"];
        /**
         * The headers of the metadata
         * @description What GET answers, without the content.
         */
        readonly head: operations["headAuthorizationServerMetadata"];
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/openapi.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * This contract, as JSON
         * @description The same document as `/openapi.yaml`, for programs.
         */
        readonly get: operations["getContractAsJson"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/openapi.yaml": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * This contract, as it was written
         * @description The document that the server enforces and that its types are generated from, comments included.
         */
        readonly get: operations["getContractAsYaml"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/livez": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Whether the process runs
         * @description Answers 200 as long as the process can answer at all. Restart it when this fails.
         */
        readonly get: operations["getLiveness"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/readyz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Whether the process can serve
         * @description Answers 200 when the database can be reached and a signing key is present. Send no traffic while it fails.
         */
        readonly get: operations["getReadiness"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description The parameters of a token request. Others are ignored. */
        readonly TokenRequest: {
            /**
             * @description What the client presents to be given a token.
             * @enum {string}
             */
            readonly grant_type: "password" | "refresh_token" | "client_credentials";
            /** @description The user's name; for the password grant. */
            readonly username?: string;
            /**
             * Format: password
             * @description The user's password; for the password grant.
             */
            readonly password?: string;
            /** @description For the refresh grant. */
            readonly refresh_token?: string;
            readonly scope?: components["schemas"]["Scope"];
            /** @description The client, when it does not use HTTP Basic. */
            readonly client_id?: string;
            /**
             * Format: password
             * @description The client's secret, when it does not use HTTP Basic.
             */
            readonly client_secret?: string;
        };
        /** @description The token in question. Other parameters are ignored. */
        readonly TokenReference: {
            /** @description An access token or a refresh token. */
            readonly token: string;
            /** @description What kind of token it is. Only a hint; the token itself tells. */
            readonly token_type_hint?: string;
            /** @description The client, when it does not use HTTP Basic. */
            readonly client_id?: string;
            /**
             * Format: password
             * @description The client's secret, when it does not use HTTP Basic.
             */
            readonly client_secret?: string;
        };
        /** @description RFC 6749, section 5.1. */
        readonly TokenResponse: {
            /** @description A signed JWT (RFC 9068). */
            readonly access_token: string;
            /** @constant */
            readonly token_type: "Bearer";
            /** @description Seconds from now for which the access token works. */
            readonly expires_in: number;
            /** @description Gets the next access token, once. */
            readonly refresh_token?: string;
            readonly scope: components["schemas"]["Scope"];
        };
        /**
         * @description Scopes, separated by single spaces (RFC 6749, section 3.3).
         * @example profile:read profile:write
         */
        readonly Scope: string;
        /** @description RFC 7662, section 2.2. */
        readonly Introspection: components["schemas"]["ActiveToken"] | components["schemas"]["InactiveToken"];
        /** @description What is known of a token that works. */
        readonly ActiveToken: {
            /** @constant */
            readonly active: true;
            /** @description This server. */
            readonly iss: string;
            /** @description Whom an access token is for. */
            readonly aud?: string;
            /** @description The user, or the client when it acts for itself. */
            readonly sub: string;
            /** @description The client that the token was issued to. */
            readonly client_id: string;
            /** @description The user's name. */
            readonly username?: string;
            readonly scope: components["schemas"]["Scope"];
            /**
             * @description For access tokens.
             * @constant
             */
            readonly token_type?: "Bearer";
            readonly iat: components["schemas"]["EpochSeconds"];
            readonly exp: components["schemas"]["EpochSeconds"];
            /** @description The identifier of an access token. */
            readonly jti?: string;
        };
        /** @description All that is said of any other token. */
        readonly InactiveToken: {
            /** @constant */
            readonly active: false;
        };
        /** @description A moment, in seconds since 1970-01-01T00:00:00Z (RFC 7519, NumericDate). */
        readonly EpochSeconds: number;
        /** @description RFC 6749, section 5.2. */
        readonly OAuthError: {
            /** @enum {string} */
            readonly error: "invalid_request" | "invalid_client" | "invalid_grant" | "unauthorized_client" | "unsupported_grant_type" | "invalid_scope" | "invalid_token" | "insufficient_scope" | "server_error" | "temporarily_unavailable";
            /** @description For the developer of the client. */
            readonly error_description?: string;
        };
        /** @description RFC 9457. */
        readonly Problem: {
            /** @constant */
            readonly type: "about:blank";
            /** @description The status in words. */
            readonly title: string;
            readonly status: number;
            /** @description What is wrong with this request. */
            readonly detail?: string;
            /** @description Faults that were found; there may be more. */
            readonly errors?: readonly components["schemas"]["Fault"][];
            /**
             * Format: uuid
             * @description Names this request in the server's log.
             */
            readonly request_id: string;
        };
        /** @description A problem (RFC 9457) that says why the keys were not rotated. */
        readonly RotationConflict: {
            /** @constant */
            readonly type: "about:blank";
            /** @description The status in words. */
            readonly title: string;
            /** @constant */
            readonly status: 409;
            /** @description What is in the way. */
            readonly detail: string;
            /**
             * @description `changed`: another process changed the keys just now, or nothing stands by. `not_signer`: another key signs than
             *     the request named. `too_soon`: some verifier may not know the standby yet.
             * @enum {string}
             */
            readonly conflict: "changed" | "not_signer" | "too_soon";
            /** @description With `not_signer`, the key that signs. */
            readonly signer?: components["schemas"]["Kid"];
            /**
             * Format: date-time
             * @description With `too_soon`, when every verifier will know the standby.
             */
            readonly safe_at?: string;
            /**
             * Format: uuid
             * @description Names this request in the server's log.
             */
            readonly request_id: string;
        };
        /** @description One fault of a request. */
        readonly Fault: {
            /** @description A JSON Pointer (RFC 6901) that begins with `/body`, `/query`, `/path` or `/headers`. */
            readonly pointer: string;
            /** @description What is wrong there. */
            readonly detail: string;
        };
        /** @description An account, as its user sees it. */
        readonly User: {
            readonly id: components["schemas"]["UserId"];
            /** @description As the user wrote it, normalised. */
            readonly username: string;
            /** @description How the user wants to be called. */
            readonly name: string | null;
            /** @description Named sets of scopes beyond those of every user. */
            readonly roles: readonly "admin"[];
            /** Format: date-time */
            readonly created_at: string;
            /** Format: date-time */
            readonly updated_at: string;
        };
        /** @description Names the user for ever; `sub` in the user's tokens. */
        readonly UserId: string;
        readonly Registration: {
            readonly username: components["schemas"]["Username"];
            readonly password: components["schemas"]["NewPassword"];
            readonly name?: components["schemas"]["DisplayName"];
        };
        readonly UserChanges: {
            readonly username?: components["schemas"]["Username"];
            readonly name?: components["schemas"]["DisplayName"];
        };
        readonly PasswordChange: {
            /**
             * Format: password
             * @description The password that works now.
             */
            readonly current_password: string;
            readonly new_password: components["schemas"]["NewPassword"];
        };
        /**
         * @description Letters, digits and ASCII punctuation, no spaces (RFC 8265, section 3.3).
         * @example ada
         */
        readonly Username: string;
        /**
         * Format: password
         * @description 8 to 256 characters, as sent and after NFKC. Refused are the most common passwords, the username, one character
         *     over and over, and control characters.
         */
        readonly NewPassword: string;
        /**
         * @description How the user wants to be called; no control characters.
         * @example Ada Lovelace
         */
        readonly DisplayName: string | null;
        /**
         * @description Names a key: the RFC 7638 thumbprint of its public part, unless it was imported under another name, of printable
         *     ASCII characters without spaces.
         */
        readonly Kid: string;
        /**
         * @description What the key signs with (RFC 7518, section 3.1; RFC 8037, section 3.1). A key has one, for good.
         * @enum {string}
         */
        readonly SigningAlgorithm: "RS256" | "PS256" | "ES256" | "EdDSA";
        readonly KeyList: {
            readonly keys: readonly components["schemas"]["Key"][];
        };
        /** @description A key and its way so far; the key itself is in the JWK set. */
        readonly Key: {
            readonly kid: components["schemas"]["Kid"];
            /**
             * @description - `standby`: published, next to sign.
             *     - `active`: signs.
             *     - `retiring`: published, signs no more.
             *     - `retired`: gone from the set.
             *     - `revoked`: gone from the set at once, for good.
             *     - `verify-only`: published for another issuer, whose tokens do not work here; never signs.
             * @enum {string}
             */
            readonly state: "standby" | "active" | "retiring" | "retired" | "revoked" | "verify-only";
            readonly alg: components["schemas"]["SigningAlgorithm"];
            /**
             * Format: date-time
             * @description Since when it has been in the set.
             */
            readonly published_at: string;
            /**
             * Format: date-time
             * @description When its turn to sign begins, or began; a turn after `ended_at` or `revoked_at` never comes. Null for a key that
             *     is only published.
             */
            readonly activates_at: string | null;
            /**
             * Format: date-time
             * @description When another key took over from it; null until then.
             */
            readonly ended_at: string | null;
            /**
             * Format: date-time
             * @description When it leaves the set, or left it, as far as is known now; null while that is unknown.
             */
            readonly retires_at: string | null;
            /**
             * Format: date-time
             * @description When it was revoked.
             */
            readonly revoked_at: string | null;
            /**
             * Format: date-time
             * @description By when every token that it has signed so far will have expired; null when it has signed none.
             */
            readonly tokens_expire_at: string | null;
            /**
             * Format: date-time
             * @description When its state next changes by itself, as far as is known now; null when it does not, or not before another key
             *     is made.
             */
            readonly changes_at: string | null;
            /** @description The seconds from now to `changes_at`. */
            readonly changes_in: number | null;
            /** @description True when the private part that is kept of it is damaged, so that it cannot sign. */
            readonly unreadable: boolean;
        };
        readonly RotationRequest: {
            /**
             * @description Rotate even when some verifier may not have fetched the standby yet.
             * @default false
             */
            readonly force: boolean;
            /** @description Rotate only while this key signs. */
            readonly signer?: components["schemas"]["Kid"];
            readonly reason?: components["schemas"]["Reason"];
        };
        readonly Rotation: {
            /** @constant */
            readonly state: "rotated";
            /** @description The key that signs now. */
            readonly kid: components["schemas"]["Kid"];
            /** @description The key that signed until now. */
            readonly previous_kid: components["schemas"]["Kid"];
            /**
             * Format: date-time
             * @description By when that one leaves the set, if nothing holds the server up.
             */
            readonly previous_retires_by: string;
        };
        readonly RevocationRequest: {
            readonly reason?: components["schemas"]["Reason"];
        };
        readonly Revocation: {
            /** @constant */
            readonly state: "revoked";
            /** @description The key that is revoked. */
            readonly kid: components["schemas"]["Kid"];
            /**
             * Format: date-time
             * @description Since when it is.
             */
            readonly revoked_at: string;
            /** @description The key that signs now. */
            readonly signer: components["schemas"]["Kid"];
            /**
             * Format: date-time
             * @description From when on every verifier is sure to have fetched that one.
             */
            readonly signer_known_at: string;
            /**
             * Format: date-time
             * @description Until when a verifier that keeps the set may accept tokens that the revoked key signed.
             */
            readonly verifiers_may_cache_until: string;
        };
        /**
         * @description Why, for the audit trail; no control characters.
         * @example The yearly drill
         */
        readonly Reason: string;
        readonly AuditEventPage: {
            readonly events: readonly components["schemas"]["AuditEvent"][];
            readonly next_cursor?: components["schemas"]["Cursor"];
        };
        /** @description Where the next page begins. Opaque; absent on the last page. */
        readonly Cursor: string;
        /** @description One change - what, by whom, when and why. */
        readonly AuditEvent: {
            /** @description Names the event for ever. */
            readonly id: string;
            /**
             * Format: date-time
             * @description When it happened.
             */
            readonly at: string;
            /**
             * @description - `key.created`: made, and published as a standby; the first key of all signs at once.
             *     - `key.imported`: brought in from elsewhere, as a standby or for its public part alone.
             *     - `key.activated`: began to sign.
             *     - `key.revoked`: taken out of the set for good, its private part destroyed.
             *     - `key.destroyed`: its private part destroyed, since it signs no more.
             *     - `key.retired`: left the set, since its tokens have expired.
             *     - `key.resealed`: its private part sealed under another key-encryption key.
             * @enum {string}
             */
            readonly type: "key.created" | "key.imported" | "key.activated" | "key.revoked" | "key.destroyed" | "key.retired" | "key.resealed";
            /** @description The key that it happened to. */
            readonly subject: components["schemas"]["Kid"];
            readonly actor: components["schemas"]["Actor"];
            /** @description Why, in the words of the actor; null when none were given. */
            readonly reason: string | null;
        };
        /** @description Who made the change. */
        readonly Actor: components["schemas"]["ScheduleActor"] | components["schemas"]["ScriptActor"] | components["schemas"]["CallerActor"];
        /**
         * The schedule
         * @description The server, or a command, did what was due.
         */
        readonly ScheduleActor: {
            /** @constant */
            readonly kind: "schedule";
        };
        /**
         * A command line
         * @description Somebody at the command line of the server.
         */
        readonly ScriptActor: {
            /** @constant */
            readonly kind: "script";
            /** @description Who that is to the operating system. */
            readonly name: string;
        };
        /**
         * A caller
         * @description Whom the access token of a request was issued for.
         */
        readonly CallerActor: {
            /** @constant */
            readonly kind: "caller";
            /** @description The user, or the client when it acted for itself. */
            readonly sub: string;
            /** @description The client that the token was issued to. */
            readonly client_id: string;
        };
        /** @description RFC 7517, section 5. */
        readonly JwkSet: {
            readonly keys: readonly components["schemas"]["PublicJwk"][];
        };
        /** @description The public part of a key (RFC 7517, section 4). Which type it is of follows from `alg`. */
        readonly PublicJwk: components["schemas"]["RsaPublicJwk"] | components["schemas"]["EcPublicJwk"] | components["schemas"]["OkpPublicJwk"];
        /**
         * RSA
         * @description An RSA public key (RFC 7518, section 6.3.1). RS256 is the default; PS256 is for operators who choose it.
         */
        readonly RsaPublicJwk: {
            /** @constant */
            readonly kty: "RSA";
            readonly kid: components["schemas"]["Kid"];
            /** @constant */
            readonly use: "sig";
            /** @enum {string} */
            readonly alg: "RS256" | "PS256";
            readonly e: string;
            readonly n: string;
        };
        /**
         * P-256
         * @description An elliptic curve public key (RFC 7518, section 6.2.1), for operators who choose ES256.
         */
        readonly EcPublicJwk: {
            /** @constant */
            readonly kty: "EC";
            readonly kid: components["schemas"]["Kid"];
            /** @constant */
            readonly use: "sig";
            /** @constant */
            readonly alg: "ES256";
            /** @constant */
            readonly crv: "P-256";
            readonly x: string;
            readonly y: string;
        };
        /**
         * Ed25519
         * @description An Edwards curve public key (RFC 8037, section 2), for operators who choose EdDSA.
         */
        readonly OkpPublicJwk: {
            /** @constant */
            readonly kty: "OKP";
            readonly kid: components["schemas"]["Kid"];
            /** @constant */
            readonly use: "sig";
            /** @constant */
            readonly alg: "EdDSA";
            /** @constant */
            readonly crv: "Ed25519";
            readonly x: string;
        };
        /** @description RFC 8414, section 2. */
        readonly AuthorizationServerMetadata: {
            /**
             * Format: uri
             * @description `iss` of every token.
             */
            readonly issuer: string;
            /** Format: uri */
            readonly token_endpoint: string;
            /** Format: uri */
            readonly jwks_uri: string;
            /** Format: uri */
            readonly revocation_endpoint: string;
            /** Format: uri */
            readonly introspection_endpoint: string;
            /** Format: uri */
            readonly service_documentation: string;
            /** @description Required by RFC 8414; empty, since there is no authorization endpoint. */
            readonly response_types_supported: readonly string[];
            readonly grant_types_supported: components["schemas"]["Words"];
            readonly scopes_supported: components["schemas"]["Words"];
            readonly token_endpoint_auth_methods_supported: components["schemas"]["Words"];
            readonly revocation_endpoint_auth_methods_supported: components["schemas"]["Words"];
            readonly introspection_endpoint_auth_methods_supported: components["schemas"]["Words"];
        };
        readonly Words: readonly string[];
        /** @description An OpenAPI 3.1 document. */
        readonly Contract: {
            readonly openapi: string;
            /** @description What the API is. */
            readonly info: {
                readonly [key: string]: unknown;
            };
            /** @description Its operations. */
            readonly paths: {
                readonly [key: string]: unknown;
            };
        };
        readonly Liveness: {
            /** @constant */
            readonly status: "live";
        };
        readonly Readiness: {
            /** @constant */
            readonly status: "ready";
        };
    };
    responses: {
        /** @description The request does not fit the contract. `errors` names what is wrong and where. */
        readonly BadRequest: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request does not fit the contract. `errors` names what is wrong and where. */
        readonly PublicBadRequest: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "Access-Control-Allow-Origin": components["headers"]["AnyOrigin"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request does not fit the contract. */
        readonly BadRequestHead: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "Access-Control-Allow-Origin": components["headers"]["AnyOrigin"];
                readonly [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The headers that GET answers with. */
        readonly PublicHead: {
            headers: {
                readonly "Cache-Control": components["headers"]["CacheControl"];
                readonly ETag: components["headers"]["ETag"];
                readonly "Access-Control-Allow-Origin": components["headers"]["AnyOrigin"];
                readonly "Access-Control-Expose-Headers": components["headers"]["ExposeETag"];
                readonly [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The copy at hand is still right. */
        readonly NotModified: {
            headers: {
                readonly "Cache-Control": components["headers"]["CacheControl"];
                readonly ETag: components["headers"]["ETag"];
                readonly "Access-Control-Allow-Origin": components["headers"]["AnyOrigin"];
                readonly "Access-Control-Expose-Headers": components["headers"]["ExposeETag"];
                readonly [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The methods and headers that a page of any origin may use. */
        readonly Preflight: {
            headers: {
                readonly "Access-Control-Allow-Origin": components["headers"]["AnyOrigin"];
                /** @description The methods that a page may use. */
                readonly "Access-Control-Allow-Methods": "GET, HEAD";
                /** @description The request headers that a page may set. */
                readonly "Access-Control-Allow-Headers": "If-None-Match";
                /** @description Seconds for which the answer may be kept. */
                readonly "Access-Control-Max-Age": "86400";
                readonly [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The access token is missing, or it does not work (any more). */
        readonly Unauthorized: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "WWW-Authenticate": components["headers"]["BearerChallenge"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The access token works, but not for this - it lacks a scope, or it was not issued for a user. */
        readonly Forbidden: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "WWW-Authenticate": components["headers"]["BearerChallenge"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Another account has this username, or one that differs from it in case alone. */
        readonly UsernameTaken: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such key, or none any more. */
        readonly NoSuchKey: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The keys were not rotated. `conflict` says why, and `Retry-After` when another try makes sense, if ever. */
        readonly NotRotated: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                /**
                 * @description Seconds to wait before another try; not with `not_signer`.
                 * @example 1
                 */
                readonly "Retry-After"?: string;
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["RotationConflict"];
            };
        };
        /** @description The body is larger than 16 KiB. */
        readonly ContentTooLarge: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is not of a type that the operation takes, not UTF-8, or compressed. */
        readonly UnsupportedMediaType: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A fault of the server. The request id is in its log. */
        readonly ServerError: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A fault of the server. The request id is in its log. */
        readonly PublicServerError: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "Access-Control-Allow-Origin": components["headers"]["AnyOrigin"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A fault of the server. */
        readonly ServerErrorHead: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "Access-Control-Allow-Origin": components["headers"]["AnyOrigin"];
                readonly [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The server cannot do this now. Try again later. */
        readonly Unavailable: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "Retry-After": components["headers"]["RetryAfter"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request is refused; `error` says why (RFC 6749, section 5.2). */
        readonly OAuthBadRequest: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["OAuthError"];
            };
        };
        /** @description Client authentication failed. */
        readonly OAuthInvalidClient: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "WWW-Authenticate": components["headers"]["BasicChallenge"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["OAuthError"];
            };
        };
        /** @description Neither client authentication nor an access token that works. */
        readonly OAuthInvalidCaller: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "WWW-Authenticate": components["headers"]["AnyChallenge"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["OAuthError"];
            };
        };
        /** @description The access token lacks the scope `tokens:introspect`. */
        readonly OAuthInsufficientScope: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "WWW-Authenticate": components["headers"]["BearerChallenge"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["OAuthError"];
            };
        };
        /** @description The body is larger than 16 KiB. */
        readonly OAuthContentTooLarge: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["OAuthError"];
            };
        };
        /** @description The body is not form-encoded UTF-8, or it is compressed. */
        readonly OAuthUnsupportedMediaType: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["OAuthError"];
            };
        };
        /** @description A fault of the server. The request id is in its log. */
        readonly OAuthServerError: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["OAuthError"];
            };
        };
        /** @description The server cannot do this now. Try again later. */
        readonly OAuthUnavailable: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "Retry-After": components["headers"]["RetryAfter"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["OAuthError"];
            };
        };
    };
    parameters: {
        /**
         * @description The `ETag` of a copy at hand, or several; 304 when one is still right (RFC 9110, section 13.1.2).
         * @example "J7Nq3vQ0dZ6m1kGm2lq6lg"
         */
        readonly IfNoneMatch: string;
    };
    requestBodies: never;
    headers: {
        /** @description No cache may keep the reply. */
        readonly NoStore: "no-store";
        /** @description The same for HTTP/1.0 caches (RFC 6749, section 5.1). */
        readonly PragmaNoCache: "no-cache";
        /**
         * @description How long the reply may be kept, in seconds.
         * @example public, max-age=300
         */
        readonly CacheControl: string;
        /**
         * @description A strong validator of the content (RFC 9110, section 8.8.3).
         * @example "J7Nq3vQ0dZ6m1kGm2lq6lg"
         */
        readonly ETag: string;
        /** @description Pages of any origin may read the reply. */
        readonly AnyOrigin: "*";
        /** @description Pages of other origins may read the `ETag`, too. */
        readonly ExposeETag: "ETag";
        /** @description How a client authenticates (RFC 7617). */
        readonly BasicChallenge: "Basic realm=\"tessera\", charset=\"UTF-8\"";
        /**
         * @description Bare when the request had no credentials; otherwise with the `error` of RFC 6750, section 3.1. With
         *     `insufficient_scope`, `scope` names what the operation needs.
         * @example Bearer realm="tessera", error="invalid_token", error_description="The access token has expired."
         */
        readonly BearerChallenge: string;
        /**
         * @description How the caller authenticates - as a client (RFC 7617) or with an access token (RFC 6750, section 3).
         * @example Basic realm="tessera", charset="UTF-8"
         */
        readonly AnyChallenge: string;
        /**
         * @description Seconds to wait before another try.
         * @example 1
         */
        readonly RetryAfter: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly issueToken: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/x-www-form-urlencoded": components["schemas"]["TokenRequest"];
            };
        };
        readonly responses: {
            /** @description The tokens. There is a refresh token for users, none for a client that acts for itself. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly Pragma: components["headers"]["PragmaNoCache"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["TokenResponse"];
                };
            };
            readonly 400: components["responses"]["OAuthBadRequest"];
            readonly 401: components["responses"]["OAuthInvalidClient"];
            readonly 413: components["responses"]["OAuthContentTooLarge"];
            readonly 415: components["responses"]["OAuthUnsupportedMediaType"];
            readonly 500: components["responses"]["OAuthServerError"];
            readonly 503: components["responses"]["OAuthUnavailable"];
        };
    };
    readonly revokeToken: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/x-www-form-urlencoded": components["schemas"]["TokenReference"];
            };
        };
        readonly responses: {
            /** @description The token does not work, now at the latest. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["OAuthBadRequest"];
            readonly 401: components["responses"]["OAuthInvalidClient"];
            readonly 413: components["responses"]["OAuthContentTooLarge"];
            readonly 415: components["responses"]["OAuthUnsupportedMediaType"];
            readonly 500: components["responses"]["OAuthServerError"];
            readonly 503: components["responses"]["OAuthUnavailable"];
        };
    };
    readonly introspectToken: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/x-www-form-urlencoded": components["schemas"]["TokenReference"];
            };
        };
        readonly responses: {
            /** @description What is known of the token. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Introspection"];
                };
            };
            readonly 400: components["responses"]["OAuthBadRequest"];
            readonly 401: components["responses"]["OAuthInvalidCaller"];
            readonly 403: components["responses"]["OAuthInsufficientScope"];
            readonly 413: components["responses"]["OAuthContentTooLarge"];
            readonly 415: components["responses"]["OAuthUnsupportedMediaType"];
            readonly 500: components["responses"]["OAuthServerError"];
            readonly 503: components["responses"]["OAuthUnavailable"];
        };
    };
    readonly registerUser: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Registration"];
            };
        };
        readonly responses: {
            /** @description The account exists. */
            readonly 201: {
                headers: {
                    /** @description Where the user, once signed in, finds the account. */
                    readonly Location: "/users/me";
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["User"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 409: components["responses"]["UsernameTaken"];
            readonly 413: components["responses"]["ContentTooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly getCurrentUser: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The account. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["User"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly deleteCurrentUser: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The account is gone. */
            readonly 204: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly updateCurrentUser: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["UserChanges"];
            };
        };
        readonly responses: {
            /** @description The account as it is now. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["User"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 409: components["responses"]["UsernameTaken"];
            readonly 413: components["responses"]["ContentTooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly changePassword: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PasswordChange"];
            };
        };
        readonly responses: {
            /** @description The new password counts from now on. */
            readonly 204: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["ContentTooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly listKeys: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The keys. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["KeyList"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly rotateKeys: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["RotationRequest"];
            };
        };
        readonly responses: {
            /** @description The keys are rotated. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Rotation"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 409: components["responses"]["NotRotated"];
            readonly 413: components["responses"]["ContentTooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly revokeKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The key.
                 * @example NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs
                 */
                readonly kid: components["schemas"]["Kid"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["RevocationRequest"];
            };
        };
        readonly responses: {
            /** @description The key is revoked, now at the latest. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Revocation"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NoSuchKey"];
            readonly 413: components["responses"]["ContentTooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly listAuditEvents: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description How many events a page has at most.
                 * @example 20
                 */
                readonly limit?: number;
                /**
                 * @description The `next_cursor` of the page before; without it, the list begins with the newest event.
                 * @example evt_Zm9vYmFyYmF6cXV4MTIzNA
                 */
                readonly cursor?: components["schemas"]["Cursor"];
                /**
                 * @description Only the events of the key with this `kid`.
                 * @example NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs
                 */
                readonly subject?: components["schemas"]["Kid"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of events. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AuditEventPage"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly getJwks: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /**
                 * @description The `ETag` of a copy at hand, or several; 304 when one is still right (RFC 9110, section 13.1.2).
                 * @example "J7Nq3vQ0dZ6m1kGm2lq6lg"
                 */
                readonly "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The keys. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["CacheControl"];
                    readonly ETag: components["headers"]["ETag"];
                    readonly "Access-Control-Allow-Origin": components["headers"]["AnyOrigin"];
                    readonly "Access-Control-Expose-Headers": components["headers"]["ExposeETag"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["JwkSet"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 400: components["responses"]["PublicBadRequest"];
            readonly 500: components["responses"]["PublicServerError"];
        };
    };
    readonly preflightJwks: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 204: components["responses"]["Preflight"];
            readonly 400: components["responses"]["PublicBadRequest"];
            readonly 500: components["responses"]["PublicServerError"];
        };
    };
    readonly headJwks: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /**
                 * @description The `ETag` of a copy at hand, or several; 304 when one is still right (RFC 9110, section 13.1.2).
                 * @example "J7Nq3vQ0dZ6m1kGm2lq6lg"
                 */
                readonly "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["PublicHead"];
            readonly 304: components["responses"]["NotModified"];
            readonly 400: components["responses"]["BadRequestHead"];
            readonly 500: components["responses"]["ServerErrorHead"];
        };
    };
    readonly getAuthorizationServerMetadata: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /**
                 * @description The `ETag` of a copy at hand, or several; 304 when one is still right (RFC 9110, section 13.1.2).
                 * @example "J7Nq3vQ0dZ6m1kGm2lq6lg"
                 */
                readonly "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The metadata. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["CacheControl"];
                    readonly ETag: components["headers"]["ETag"];
                    readonly "Access-Control-Allow-Origin": components["headers"]["AnyOrigin"];
                    readonly "Access-Control-Expose-Headers": components["headers"]["ExposeETag"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AuthorizationServerMetadata"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 400: components["responses"]["PublicBadRequest"];
            readonly 500: components["responses"]["PublicServerError"];
        };
    };
    readonly preflightAuthorizationServerMetadata: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 204: components["responses"]["Preflight"];
            readonly 400: components["responses"]["PublicBadRequest"];
            readonly 500: components["responses"]["PublicServerError"];
        };
    };
    readonly headAuthorizationServerMetadata: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /**
                 * @description The `ETag` of a copy at hand, or several; 304 when one is still right (RFC 9110, section 13.1.2).
                 * @example "J7Nq3vQ0dZ6m1kGm2lq6lg"
                 */
                readonly "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["PublicHead"];
            readonly 304: components["responses"]["NotModified"];
            readonly 400: components["responses"]["BadRequestHead"];
            readonly 500: components["responses"]["ServerErrorHead"];
        };
    };
    readonly getContractAsJson: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /**
                 * @description The `ETag` of a copy at hand, or several; 304 when one is still right (RFC 9110, section 13.1.2).
                 * @example "J7Nq3vQ0dZ6m1kGm2lq6lg"
                 */
                readonly "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The contract. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["CacheControl"];
                    readonly ETag: components["headers"]["ETag"];
                    readonly "Access-Control-Allow-Origin": components["headers"]["AnyOrigin"];
                    readonly "Access-Control-Expose-Headers": components["headers"]["ExposeETag"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Contract"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 400: components["responses"]["PublicBadRequest"];
            readonly 500: components["responses"]["PublicServerError"];
        };
    };
    readonly getContractAsYaml: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /**
                 * @description The `ETag` of a copy at hand, or several; 304 when one is still right (RFC 9110, section 13.1.2).
                 * @example "J7Nq3vQ0dZ6m1kGm2lq6lg"
                 */
                readonly "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The contract. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["CacheControl"];
                    readonly ETag: components["headers"]["ETag"];
                    readonly "Access-Control-Allow-Origin": components["headers"]["AnyOrigin"];
                    readonly "Access-Control-Expose-Headers": components["headers"]["ExposeETag"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/yaml": string;
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 400: components["responses"]["PublicBadRequest"];
            readonly 500: components["responses"]["PublicServerError"];
        };
    };
    readonly getLiveness: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It runs. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Liveness"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 500: components["responses"]["ServerError"];
        };
    };
    readonly getReadiness: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It can serve. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Readiness"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
}
