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
         *     unknown one is ignored, a repeated one is `invalid_request`, and more than one `resource` is `invalid_target`.
         *
         *     | `grant_type` | for | needs |
         *     | --- | --- | --- |
         *     | `password` | users, through the first-party client or one that was given this grant | `username`, `password` |
         *     | `refresh_token` | the client that the refresh token was issued to | `refresh_token` |
         *     | `client_credentials` | registered clients | client authentication |
         *
         *     A client authenticates in one way only: by HTTP Basic, with `client_id` and `client_secret` in the body, or with
         *     a JWT that it has signed (`client_assertion`, RFC 7523), whose audience is the issuer and whose `jti` works once.
         *     A public client sends its `client_id` alone. Without any of these the request comes from the built-in public
         *     client, `first-party`. An `Authorization` header that says nothing of a client counts as absent: HTTP Basic with
         *     neither id nor secret, and any bearer token, however stale. A grant that the client was not given is
         *     `unauthorized_client`; the password grant may be turned off altogether, and is `unsupported_grant_type` then.
         *
         *     A refresh token works once: the reply holds its successor. For a few seconds (`REFRESH_REUSE_GRACE`) the one that
         *     was used last may be sent again, since the reply may have been lost: the answer holds the same successor, as long
         *     as that has not been used. From another network (24 bits of an IPv4 address, 64 of an IPv6 address) than that of
         *     the first use this is forgiven for two of the last ten refreshes of a session. IPv4 and IPv6 are two networks:
         *     a client that has both (dual stack) and repeats over the other one comes from another network. Any other use of a
         *     used token ends the session with all its tokens (RFC 9700, section 4.14.2). Where several parts of a client share
         *     a refresh token, one of them at a time refreshes. `scope` may narrow what is granted; asking for more is
         *     `invalid_scope`.
         *
         *     `resource` (RFC 8707) names the API that the token is for, one of those that the client was registered for;
         *     anything else is `invalid_target`. One token is for one resource.
         *
         *     Too many failures get 429. In 15 minutes a password may be wrong 10 times for one account, and 100 times from one
         *     address (an IPv6 address counts by its /64). A device on which somebody signed in to the account before has 10
         *     of its own in place of the account's, so that nobody elsewhere can lock its user out. It is known by its address,
         *     with which it is still counted; or by a `refresh_token` that it once had for the account, sent along with the
         *     password, and then it is not counted with its address either. Client authentication may fail, and refresh tokens
         *     may be unknown, 30 times for one client at one address, and 100 times from one address. What is right is none of
         *     these. Passwords that come from one address are looked at 50 at once.
         *
         *     What succeeds is limited as well, since each leaves something behind: 60 refreshes of one session in a minute, 60
         *     of them that come again and are forgiven, and 120 sign-ins to one account in 10 minutes; more get 429. Nothing ends
         *     by that, and nothing is used: a refresh token that was not used before and got 429 works when `Retry-After` is
         *     over. One that came again is forgiven for no longer by that.
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
         *     It authenticates as at `/token`, and who fails to too often gets 429, as there.
         *
         *     Of the access tokens of one session 60 are revoked in a minute, and 600 of a client that acts for itself. A
         *     refresh token ends a session of its user, who ends 300 in an hour. More get 429, and are not revoked; what was
         *     revoked already is not counted.
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
         * @description RFC 7662. The caller is a registered client that authenticates as at `/token`, or the bearer of an access token
         *     with the scope `tokens:introspect`: here a bearer token is a credential, and has to be right. Who fails to
         *     authenticate too often gets 429, as at `/token`.
         *
         *     A client sees the tokens that were issued to it; with the scope `tokens:introspect` it sees every token.
         *     Whatever it may not see, and whatever is not active, is `{"active": false}` and nothing more. Of a refresh token, `iat`
         *     and `exp` are told to the minute, rounded down: nobody is to learn from them when to come with a stolen one.
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
        /**
         * List the accounts
         * @description All accounts, in the order in which they were made. Each page but the last has a `next_cursor`: send it as `cursor`,
         *     with the same `search`, for the page behind it. It stays good when accounts are made or deleted meanwhile.
         */
        readonly get: operations["listUsers"];
        readonly put?: never;
        /**
         * Register a user
         * @description Makes an account that can sign in at once, with the scopes `profile:read` and `profile:write`.
         *
         *     Usernames are compared without regard to case (RFC 8265, UsernameCaseMapped). Passwords are normalised to NFKC
         *     and otherwise taken verbatim: 8 to 256 characters, and none that is guessed first.
         *
         *     From one address (an IPv6 address counts by its /64) 100 tries are taken in an hour, whatever becomes of them,
         *     changes of usernames among them; more get 429.
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
         * @description Removes the account and everything kept for it, for many sessions within minutes. Its tokens stop working here and at
         *     introspection at once, and its username is free. The last administrator stays.
         */
        readonly delete: operations["deleteCurrentUser"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Change the caller's account
         * @description Changes the members that are given and leaves the others as they are. A `name` of null removes it.
         *
         *     One account is changed 300 times in an hour at most; a request that changes nothing is not counted. One with
         *     `username` counts as a registration from its address, too, whatever becomes of it. More get 429.
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
         * @description Needs the current password. Who gives a wrong one 10 times in 15 minutes in one session, or fails here and at logins
         *     from one address 100 times, gets 429; what is tried in one session locks nobody out of another. So does who has
         *     changed it 20 times in an hour. A 429 changes and ends nothing.
         *
         *     Every session of the user ends, the one of the access token included: whoever else has a token of it is out,
         *     too. A public client gets the tokens of a new session, with the client, scope and audience of the one before, as
         *     far as user and client may still have them; that is not counted as a sign-in. Where the client is confidential, or
         *     has no password grant, or all sessions were ended once more meanwhile, the user signs in again.
         */
        readonly put: operations["changePassword"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/users/me/sessions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List the caller's sessions
         * @description Where the user is signed in, the session of the access token included, the one used last first. A session ends by
         *     itself when it has not been used for a while, and at its end at the latest. An account has so many at a time
         *     (`SESSIONS_PER_USER`); with the next login, the one that was used least lately ends, of the same client as long as
         *     that has any.
         */
        readonly get: operations["listCurrentUserSessions"];
        readonly put?: never;
        readonly post?: never;
        /**
         * End the caller's sessions
         * @description Ends all sessions of the user but the one of the access token; with `current=end` that one, too. Their tokens stop
         *     working here and at introspection at once, however many there are; each leaves an event, for many of them within
         *     minutes. A refresh token that somebody else may have works in the session that it belongs to: where that could be
         *     this one, end all.
         *
         *     That is done 300 times in an hour at most, where there was something to end; more get 429, and end nothing.
         *     Sessions that are ended one by one are not counted with it.
         */
        readonly delete: operations["endCurrentUserSessions"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/users/me/sessions/{sessionId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * End one of the caller's sessions
         * @description Ends the session, be it the one of the access token. Its tokens stop working here and at introspection at once.
         *
         *     The user of one account ends 300 in an hour at most, those at `/revoke` among them; more get 429, and end nothing.
         */
        readonly delete: operations["endSession"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/users/{userId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read an account
         * @description The account, as an administrator sees it.
         */
        readonly get: operations["getUser"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Delete an account
         * @description Removes the account and everything kept for it but its audit events. Its tokens stop working here and at
         *     introspection at once. As with changes, the account may have no more roles than the caller could give, and the last
         *     administrator stays.
         */
        readonly delete: operations["deleteUser"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Disable, enable, or give roles
         * @description Changes the members that are given. A disabled account cannot sign in, and its sessions end: its tokens stop working
         *     here and at introspection at once, and do not work again when it is enabled. What a role allowed is gone with it at
         *     once, also from access tokens that are out. Nobody can read or choose the password of another.
         *
         *     A caller may touch only accounts whose roles grant no more than its own access token, and give or take only such
         *     roles: anything else is 403. One administrator always stays.
         */
        readonly patch: operations["updateUser"];
        readonly trace?: never;
    };
    readonly "/users/{userId}/sessions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List the sessions of an account
         * @description Where the user is signed in, the session used last first.
         */
        readonly get: operations["listUserSessions"];
        readonly put?: never;
        readonly post?: never;
        /**
         * End the sessions of an account
         * @description Signs the user out everywhere. The tokens of the sessions stop working here and at introspection at once. As with
         *     changes, the account may have no more roles than the caller could give: anything else is 403.
         */
        readonly delete: operations["endUserSessions"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/clients": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List the service clients
         * @description All registered clients, in the order in which they were registered. Each page but the last has a `next_cursor`: send
         *     it as `cursor` for the page behind it. It stays good when clients are registered or deleted meanwhile.
         */
        readonly get: operations["listClients"];
        readonly put?: never;
        /**
         * Register a service client
         * @description The members are those of RFC 7591. The secret, where the client authenticates with one, is shown in this reply and
         *     never again. A caller can pass on no scope of this server that its own access token does not have, beyond those of every
         *     user; scopes of other APIs are free.
         */
        readonly post: operations["registerClient"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/clients/{clientId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read a client
         * @description The client, without its secrets: of those, when they were made and last used.
         */
        readonly get: operations["getClient"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Delete a client
         * @description The client can do nothing any more: its own tokens, and the sessions that users began through it, stop working here and
         *     at introspection at once. This needs an access token with the scopes of this server that the client has, beyond those
         *     of every user.
         */
        readonly delete: operations["deleteClient"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Change a client
         * @description Changes the members that are given and leaves the others as they are; null removes one. What the client gains holds
         *     for the tokens that are issued from then on, by refresh as well. When the client is to authenticate without a secret,
         *     its secrets are removed.
         *
         *     A client may do things in this server by the scopes that it has. Whoever changes anything of the client needs an
         *     access token with all those of this server, before and after the change, beyond those of every user; otherwise the
         *     answer is 403, and names what is missing.
         *
         *     What the client loses is gone at once, here and at introspection, from the tokens that were issued to it, those of
         *     users included: a scope, an audience, or a grant. An access token of the client itself ends with
         *     `client_credentials`, a refresh token with `refresh_token`, and an access token of a user when the client has neither
         *     `password` nor `refresh_token`.
         *
         *     So are, as a whole, the access tokens that it got with a secret or a key which it has no more: with a key that is not
         *     in `jwks` any more, whatever its `kid`; with keys that were published, when `jwks_uri` changes; with all, when it
         *     authenticates in another way. Those that it got with another go on, and so do sessions, whose refresh tokens work
         *     with what the client has then; only where that is nothing, since the client has become public, sessions that got
         *     their last tokens by a secret or key get no others. A change between `client_secret_basic` and `client_secret_post`
         *     ends nothing.
         */
        readonly patch: operations["updateClient"];
        readonly trace?: never;
    };
    readonly "/clients/{clientId}/secrets": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Make another secret
         * @description The client has two secrets from then on, so that it can move to the new one without a pause; then remove the old
         *     one, which interrupts nobody. There are never more than two. This needs an access token with the scopes of this
         *     server that the client has, beyond those of every user.
         */
        readonly post: operations["addClientSecret"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/clients/{clientId}/secrets/{secretId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * Remove a secret
         * @description The secret stops working at once, and so do the access tokens that were got with it, those of users included. What
         *     was got with the other secret goes on, and so do sessions: their refresh tokens work with that. The last secret
         *     stays: a client that is to authenticate in another way is changed, one that is to do nothing any more is deleted.
         *     This needs an access token with the scopes of this server that the client has, beyond those of every user.
         */
        readonly delete: operations["deleteClientSecret"];
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
         *     belong to another issuer and never sign here, come last. Retired keys leave the list, at the latest when
         *     no earlier key is in the set any more. So do revoked ones, 90 days after their last token has expired and every
         *     verifier has forgotten them; they stay revoked for good. Rows of the database that no server wrote are not listed; whoever
         *     finds one by `keys check` can revoke it by its kid.
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
         *     may accept them for as long as it keeps it. If the key was signing, the standby signs from the same moment on.
         *
         *     Revoking a key again changes nothing and is answered 200 like the first time, so it is safe to repeat, also when the
         *     key has left the list. Where a row that no server wrote has the same kid, both are revoked, the key first.
         *
         *     After it has revoked a row, the server reads the key again. It answers 409 where that row is gone or no longer
         *     revoked: no server does that, so somebody else writes to the database. It does not check again later.
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
         * @description What happened to keys, accounts, sessions and clients, the newest first: each event says who did it, when, from
         *     where, and how it came out. The event of a change is written together with the change, so neither is ever without
         *     the other. No event has a secret in it, nor the name that somebody typed who could not sign in.
         *
         *     Each page but the last has a `next_cursor`: send it as `cursor`, with the same filters, for the page behind it. A page
         *     may have fewer events than `limit`, or none, and yet a `next_cursor`: where several filters are sent, a page looks
         *     through a bounded number of events. The list ends where there is no `next_cursor`. Events that happen in between do
         *     not move the pages.
         *
         *     Events are in the order in which they were written. Those of many sessions that ended at once are written later than
         *     their `at`, and of two things that happen side by side either may be written first. With `since` or `until`, events
         *     are in the order of `at`: one that is written while you page may belong on a page that you have had. Whoever must
         *     miss nothing sends neither, begins with the newest, and stops at the newest event of the time before.
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
         *     token that it signed can be valid. Never empty: where every key that this server knows is revoked, it answers 503 until it
         *     knows another. Keep the set for `max-age` and fetch it again on an unknown `kid`.
         *
         *     Unless the operator chooses otherwise, every key is an RSA key for RS256. When the algorithm is changed, the set
         *     holds keys of both for a while. Verify a token with the `alg` of its key, and pass over keys of other types. The set
         *     may hold keys of an issuer that this one replaces, too: check `iss`, as ever.
         */
        readonly get: operations["getJwks"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
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
         * @description Authorization server metadata (RFC 8414). It lists only what works. Where the issuer has a path, the same is where its
         *     section 3.1 has it: for `https://example.com/auth`, at `https://example.com/.well-known/oauth-authorization-server/auth`.
         */
        readonly get: operations["getAuthorizationServerMetadata"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
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
         * @description The document that the server enforces and that its types are generated from, comments included; but its URLs are those
         *     of this server.
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
            /** @description The user's name; for the password grant. Blanks around it do not count. */
            readonly username?: string;
            /**
             * Format: password
             * @description The user's password; for the password grant.
             */
            readonly password?: string;
            /**
             * @description For the refresh grant. With the password grant, the last one that this device had for the account, whether or not
             *     it still works: it shows that the device is a known one.
             */
            readonly refresh_token?: string;
            readonly scope?: components["schemas"]["RequestedScope"];
            /** @description The API that the access token is for (RFC 8707, section 2). */
            readonly resource?: string;
            /** @description The client, when it does not use HTTP Basic. */
            readonly client_id?: string;
            /**
             * Format: password
             * @description The client's secret, when it does not use HTTP Basic.
             */
            readonly client_secret?: string;
            readonly client_assertion_type?: components["schemas"]["ClientAssertionType"];
            readonly client_assertion?: components["schemas"]["ClientAssertion"];
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
            readonly client_assertion_type?: components["schemas"]["ClientAssertionType"];
            readonly client_assertion?: components["schemas"]["ClientAssertion"];
        };
        /**
         * @description With `client_assertion`; `urn:ietf:params:oauth:client-assertion-type:jwt-bearer` is the one that there is (RFC 7523,
         *     section 2.2).
         */
        readonly ClientAssertionType: string;
        /**
         * @description A JWT signed by the client, with `iss` and `sub` its `client_id`, `aud` the issuer, `exp` at most five minutes ahead,
         *     and a `jti` that is used once (RFC 7523, section 3).
         */
        readonly ClientAssertion: string;
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
        /**
         * @description Scopes, separated by single spaces (RFC 6749, section 3.3); without it, all that can be granted.
         * @example profile:read
         */
        readonly RequestedScope: string;
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
            /** @description The session of a user's token. */
            readonly sid?: string;
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
            readonly error: "invalid_request" | "invalid_client" | "invalid_grant" | "unauthorized_client" | "unsupported_grant_type" | "invalid_scope" | "invalid_target" | "invalid_token" | "insufficient_scope" | "server_error" | "temporarily_unavailable";
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
        /** @description A problem (RFC 9457) that says why the standby does not sign. */
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
             * @description `changed`: another process changed the keys just now, or the new signer was revoked or changed at once, or nothing
             *     stands by. A key that took over and was revoked does not give its turn back: list the keys before another try.
             *     `not_signer`: another key signs than the request named. `too_soon`: some verifier may not know the standby yet.
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
            readonly roles: readonly components["schemas"]["Role"][];
            /** Format: date-time */
            readonly created_at: string;
            /** Format: date-time */
            readonly updated_at: string;
        };
        /**
         * @description - `admin`: every scope of this server.
         *     - `operator`: `keys:read`, `keys:manage`.
         *     - `auditor`: `audit:read`, `keys:read`, `users:read`.
         *     - `support`: `users:read`, `users:manage`.
         * @enum {string}
         */
        readonly Role: "admin" | "operator" | "auditor" | "support";
        readonly AccountPage: {
            readonly users: readonly components["schemas"]["Account"][];
            readonly next_cursor?: components["schemas"]["Cursor"];
        };
        /** @description An account, as an administrator sees it. */
        readonly Account: {
            readonly id: components["schemas"]["UserId"];
            /** @description As the user wrote it, normalised. */
            readonly username: string;
            /** @description How the user wants to be called. */
            readonly name: string | null;
            /** @description Named sets of scopes beyond those of every user. */
            readonly roles: readonly components["schemas"]["Role"][];
            /** @description Whether it cannot sign in. */
            readonly disabled: boolean;
            /**
             * Format: date-time
             * @description Since when it cannot.
             */
            readonly disabled_at: string | null;
            /** Format: date-time */
            readonly created_at: string;
            /** Format: date-time */
            readonly updated_at: string;
        };
        readonly AccountChanges: {
            /** @description True disables the account, false enables it. */
            readonly disabled?: boolean;
            /** @description The roles that it has from now on. */
            readonly roles?: readonly components["schemas"]["Role"][];
        };
        /** @description Names the session for ever; `sid` in its access tokens. */
        readonly SessionId: string;
        readonly SessionList: {
            /** @description Of more than 200, those that were used last. */
            readonly sessions: readonly components["schemas"]["Session"][];
        };
        /** @description What one login began - a family of refresh tokens and the access tokens issued with them. */
        readonly Session: {
            readonly id: components["schemas"]["SessionId"];
            /** @description Whether it is the one of the access token of this request. */
            readonly current: boolean;
            /** @description The client through which the user signed in. */
            readonly client_id: string;
            readonly scope: components["schemas"]["Scope"];
            /**
             * Format: date-time
             * @description When the user signed in.
             */
            readonly created_at: string;
            /**
             * Format: date-time
             * @description When it last got tokens, to the minute - nobody is to learn from it when to come with a stolen token.
             */
            readonly last_used_at: string;
            /**
             * Format: date-time
             * @description When it ends, however much it is used.
             */
            readonly expires_at: string;
            /** @description What the client called itself when it signed in or last refreshed, repeats left out (RFC 9110, section 10.1.5). */
            readonly user_agent: string | null;
            /**
             * @description The network that it signed in or last refreshed from, repeats left out - 24 bits of an IPv4 address, 48 of an
             *     IPv6 address.
             */
            readonly address: string | null;
        };
        /** @description Names the client for ever; `sub` in the tokens that it gets for itself. */
        readonly ClientId: string;
        /** @description Names a secret, and says nothing of what it is. */
        readonly SecretId: string;
        /** @description What people call the client; no control characters. */
        readonly ClientName: string;
        /**
         * @description How the client authenticates (RFC 7591, section 2). One with a secret may send it either way, whichever of the two
         *     is registered. `none` is a public client.
         * @enum {string}
         */
        readonly ClientAuthMethod: "client_secret_basic" | "client_secret_post" | "private_key_jwt" | "none";
        /**
         * @description What the client may present to be given a token. `client_credentials` is not for a public client. `refresh_token`
         *     goes with `password`, which is for a client that your own people made (RFC 9700, section 2.4).
         */
        readonly GrantTypes: readonly ("client_credentials" | "password" | "refresh_token")[];
        /**
         * @description The APIs that the client may get tokens for: absolute URIs without a fragment (RFC 8707, section 2), or the server's
         *     own `AUDIENCE`. A request without `resource` gets a token for the first. Empty means `AUDIENCE` alone.
         */
        readonly Audiences: readonly string[];
        /**
         * @description The seconds for which the client's access tokens work. Null means the server's `ACCESS_TOKEN_LIFETIME`, which
         *     is also the longest.
         */
        readonly AccessTokenLifetime: number | null;
        /**
         * @description The public keys of a client that authenticates by `private_key_jwt` (RFC 7517), in place of `jwks_uri`. `EdDSA` and
         *     `Ed25519` (RFC 9864) are one algorithm: it does not matter which of them `alg` says, nor which an assertion does.
         */
        readonly ClientJwks: {
            readonly keys: readonly components["schemas"]["ClientJwk"][];
        } | null;
        /** @description A public JWK (RFC 7517, section 4). */
        readonly ClientJwk: {
            readonly [key: string]: unknown;
        };
        /**
         * @description Where the client publishes those keys, in place of `jwks`: an https URL. Fetched when a key is needed, and kept for
         *     some minutes. Outside of production, http on this machine is taken as well (`http://127.0.0.1:8081/jwks`); where
         *     `NODE_ENV` is `production` it is refused, and not fetched where it has been registered before. There it leads to
         *     public addresses alone, and to those that the operator allows (`JWKS_URI_ALLOW`).
         *
         *     A key that is not published any more gets no new tokens once the set has been fetched again. Those that it got last
         *     until they expire, or this URL changes: what stands at somebody else's server is not asked for when a token is used.
         */
        readonly ClientJwksUri: string | null;
        readonly ClientRegistration: {
            readonly client_name: components["schemas"]["ClientName"];
            readonly scope: components["schemas"]["RegisteredScope"];
            readonly token_endpoint_auth_method?: components["schemas"]["ClientAuthMethod"];
            readonly grant_types?: components["schemas"]["GrantTypes"];
            readonly audiences?: components["schemas"]["Audiences"];
            readonly access_token_lifetime?: components["schemas"]["AccessTokenLifetime"];
            readonly jwks?: components["schemas"]["ClientJwks"];
            readonly jwks_uri?: components["schemas"]["ClientJwksUri"];
        };
        readonly ClientChanges: {
            readonly client_name?: components["schemas"]["ClientName"];
            readonly scope?: components["schemas"]["RegisteredScope"];
            readonly token_endpoint_auth_method?: components["schemas"]["ClientAuthMethod"];
            readonly grant_types?: components["schemas"]["GrantTypes"];
            readonly audiences?: components["schemas"]["Audiences"];
            readonly access_token_lifetime?: components["schemas"]["AccessTokenLifetime"];
            readonly jwks?: components["schemas"]["ClientJwks"];
            readonly jwks_uri?: components["schemas"]["ClientJwksUri"];
        };
        /**
         * @description The scopes that the client may be granted, or pass on for users, separated by single spaces. Users have scopes of this
         *     server only, so of those of other APIs a client can pass on none. Clients from before there was a limit may have more.
         */
        readonly RegisteredScope: string;
        readonly ClientMembers: {
            readonly client_id: components["schemas"]["ClientId"];
            readonly client_name: components["schemas"]["ClientName"];
            readonly token_endpoint_auth_method: components["schemas"]["ClientAuthMethod"];
            readonly grant_types: components["schemas"]["GrantTypes"];
            readonly scope: components["schemas"]["Scope"];
            readonly audiences: components["schemas"]["Audiences"];
            readonly access_token_lifetime: components["schemas"]["AccessTokenLifetime"];
            readonly jwks: components["schemas"]["ClientJwks"];
            readonly jwks_uri: components["schemas"]["ClientJwksUri"];
            /** @description The secrets that work, the older one first; never what they are. */
            readonly client_secrets: readonly components["schemas"]["ClientSecret"][];
            /** Format: date-time */
            readonly created_at: string;
            /** Format: date-time */
            readonly updated_at: string;
        };
        /** @description A registered client. */
        readonly Client: components["schemas"]["ClientMembers"];
        /** @description A client and, where it has one, its secret. */
        readonly RegisteredClient: components["schemas"]["ClientMembers"] & {
            readonly client_secret?: components["schemas"]["ClientSecretText"];
        };
        /** @description The secret itself, shown this once. It does not expire. */
        readonly ClientSecretText: string;
        readonly ClientSecret: {
            readonly id: components["schemas"]["SecretId"];
            /** Format: date-time */
            readonly created_at: string;
            /**
             * Format: date-time
             * @description When the client last authenticated with it, to the minute; null when it never has.
             */
            readonly last_used_at: string | null;
        };
        readonly NewClientSecret: {
            readonly id: components["schemas"]["SecretId"];
            readonly client_secret: components["schemas"]["ClientSecretText"];
            /** Format: date-time */
            readonly created_at: string;
            readonly last_used_at: null;
        };
        readonly ClientPage: {
            readonly clients: readonly components["schemas"]["Client"][];
            readonly next_cursor?: components["schemas"]["Cursor"];
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
         * @description What the key signs with (RFC 7518, section 3.1; RFC 8037, section 3.1). A key has one, for good. EdDSA is over
         *     Ed25519 alone.
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
        /** @description One thing that happened - what, by whom, when, from where, and how it came out. */
        readonly AuditEvent: {
            /**
             * @description Names the event for ever. Where what is on record is no such name, as no server writes it, the event is named by its
             *     number in the database: `evt_`, as many `_` as are missing, and the number.
             */
            readonly id: string;
            /**
             * Format: date-time
             * @description When it happened. Null when what is on record is no moment: no server writes such an event, somebody changed the
             *     database. It is in no span of time.
             */
            readonly at: string | null;
            readonly type: components["schemas"]["RecordedEventType"];
            /**
             * @description What it happened to: the `kid` of a key, the id of a user, session or client, the `jti` of a token. Null when
             *     there is none, as when somebody signs in to an account that does not exist.
             */
            readonly subject: string | null;
            readonly actor: components["schemas"]["Actor"];
            /** @description Why, in the words of the actor; null when none were given. */
            readonly reason: string | null;
            /** @description Null of an event whose type is unknown. */
            readonly outcome: components["schemas"]["AuditOutcome"] | null;
            /** @description Where the request came from; null when it was none. */
            readonly address: string | null;
            /** @description What more there is to say, in words of the server. */
            readonly detail: string | null;
        };
        /**
         * @description Whether what was asked for was done, or refused.
         * @enum {string}
         */
        readonly AuditOutcome: "success" | "failure";
        /** @description What happened, as far as this server knows the word for it. */
        readonly RecordedEventType: components["schemas"]["AuditEventType"] | components["schemas"]["UnknownEventType"];
        /**
         * Nobody knows
         * @description What is on record is no type that this server knows. A newer server wrote it, or somebody changed the database.
         * @constant
         */
        readonly UnknownEventType: "unknown";
        /**
         * @description - `key.created`: made, and published as a standby; the first key of all signs at once.
         *     - `key.imported`: brought in from elsewhere, as a standby or for its public part alone.
         *     - `key.activated`: began to sign.
         *     - `key.revoked`: taken out of the set for good, its private part destroyed.
         *     - `key.destroyed`: its private part destroyed, since it signs no more.
         *     - `key.retired`: left the set, since its tokens have expired.
         *     - `key.resealed`: its private part sealed under another key-encryption key.
         *     - `user.registered`, `user.updated`, `user.deleted`: an account was made, renamed, removed.
         *     - `user.password_changed`, `user.password_refused`: the password was changed, or not, the current one being wrong.
         *     - `user.disabled`, `user.enabled`, `user.roles_changed`: what an administrator did to an account.
         *     - `session.started`, `session.ended`: a user signed in; a session ended, and `detail` says how and whose it was, as in
         *       `ended by an administrator, of usr_Zm9vYmFyYmF6cXV4MTIzNA`.
         *     - `session.refused`: somebody could not sign in.
         *     - `session.repeated`: the refresh token that was used last came again, and that was forgiven; `detail` says whether from
         *       the same network or another, and whose it was, in the same form. Written of another network once for each refresh
         *       that is repeated so, of the same one once an hour and session at most.
         *     - `session.reused`: a used refresh token came again, and the session ended with it; `detail` says whose it was, in the
         *       same form.
         *     - `session.misused`: another client presented a refresh token of the session, at `/token` or `/revoke`, and got nothing
         *       by it; `detail` says which client, and whose session it was. Once an hour for each client and account, and of no
         *       session that has ended.
         *     - `client.registered`, `client.updated`, `client.deleted`, `client.secret_added`, `client.secret_removed`: what
         *       happened to a registered client.
         *     - `client.refused`: somebody could not authenticate as the client; `detail` says which check failed, which the reply
         *       does not.
         *     - `token.revoked`: an access token was revoked alone.
         *     - `access.denied`: a token that may do more than those of every user was answered 403; `detail` names the operation, and
         *       the subject is the `sub` of the token. Once a minute for each subject and operation.
         *     - `limit.reached`: the first request that got 429 before a limit begins anew. `detail` names the limit, and the subject
         *       is the account, session or client that it is of. Of a network it is null, and `address` tells.
         *     - `backup.started`, `move.started`: somebody at the command line began to copy everything that there is, and `detail`
         *       says to where. The copy has the event, too.
         * @enum {string}
         */
        readonly AuditEventType: "key.created" | "key.imported" | "key.activated" | "key.revoked" | "key.destroyed" | "key.retired" | "key.resealed" | "user.registered" | "user.updated" | "user.password_changed" | "user.password_refused" | "user.disabled" | "user.enabled" | "user.roles_changed" | "user.deleted" | "session.started" | "session.refused" | "session.ended" | "session.repeated" | "session.reused" | "session.misused" | "client.registered" | "client.updated" | "client.deleted" | "client.secret_added" | "client.secret_removed" | "client.refused" | "token.revoked" | "access.denied" | "limit.reached" | "backup.started" | "move.started";
        /** @description Who made the change. */
        readonly Actor: components["schemas"]["ScheduleActor"] | components["schemas"]["ScriptActor"] | components["schemas"]["CallerActor"] | components["schemas"]["AnonymousActor"] | components["schemas"]["UnknownActor"];
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
        /**
         * Anybody
         * @description Somebody who did not have to say who, or could not prove it.
         */
        readonly AnonymousActor: {
            /** @constant */
            readonly kind: "anonymous";
        };
        /**
         * Nobody knows
         * @description What is on record does not say who. No server writes such an event; somebody changed the database.
         */
        readonly UnknownActor: {
            /** @constant */
            readonly kind: "unknown";
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
            readonly token_endpoint_auth_signing_alg_values_supported: components["schemas"]["Words"];
            readonly revocation_endpoint_auth_methods_supported: components["schemas"]["Words"];
            readonly revocation_endpoint_auth_signing_alg_values_supported: components["schemas"]["Words"];
            readonly introspection_endpoint_auth_methods_supported: components["schemas"]["Words"];
            readonly introspection_endpoint_auth_signing_alg_values_supported: components["schemas"]["Words"];
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
        /** @description The request does not fit the contract. `errors` names which header is wrong. */
        readonly PublicBadRequest: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "Access-Control-Allow-Origin": components["headers"]["AnyOrigin"];
                readonly "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The copy at hand is still right. */
        readonly NotModified: {
            headers: {
                readonly "Cache-Control": components["headers"]["CacheControl"];
                readonly ETag: components["headers"]["ETag"];
                readonly "Access-Control-Allow-Origin": components["headers"]["AnyOrigin"];
                readonly "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
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
        /**
         * @description The access token works, but not for this: it lacks a scope, it was not issued for a user, or the account or client has
         *     roles or scopes that grant more than it does. `WWW-Authenticate` names the scopes that it lacks.
         */
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
        /** @description There is no such account, or none any more. */
        readonly NoSuchUser: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The user has no such session, or none any more. */
        readonly NoSuchSession: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such client, or none any more. */
        readonly NoSuchClient: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such client, or it has no such secret. */
        readonly NoSuchSecret: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It would leave the server without an administrator who can sign in. */
        readonly LastAdministrator: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A client that authenticates with a secret has two at most, any other has none. */
        readonly SecretConflict: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A client that authenticates with a secret has one at least. */
        readonly LastSecret: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many tries, or too many failures. `Retry-After` says when the next one makes sense. */
        readonly TooManyRequests: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "Retry-After": components["headers"]["RetryAfter"];
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
        /** @description The key was revoked, but a row of it was gone or no longer revoked when read again. The key may still be accepted. */
        readonly RevocationUndone: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The standby does not sign. `conflict` says why, and `Retry-After` when another try makes sense, if ever. */
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
                readonly "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
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
        /** @description The server cannot do this now. Try again later. */
        readonly PublicUnavailable: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "Retry-After": components["headers"]["RetryAfter"];
                readonly "Access-Control-Allow-Origin": components["headers"]["AnyOrigin"];
                readonly "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
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
        /** @description Too many tries, or too many failures. `Retry-After` says when the next one makes sense. */
        readonly OAuthTooManyRequests: {
            headers: {
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "Retry-After": components["headers"]["RetryAfter"];
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
        /**
         * @description What becomes of the session of the access token.
         * @example end
         */
        readonly CurrentSession: "keep" | "end";
        /**
         * @description How many a page has at most.
         * @example 20
         */
        readonly PageLimit: number;
        /** @description The `next_cursor` of the page before; without it, the list begins at its beginning. */
        readonly PageCursor: components["schemas"]["Cursor"];
        /**
         * @description The user's `id`.
         * @example usr_Zm9vYmFyYmF6cXV4MTIzNA
         */
        readonly UserId: components["schemas"]["UserId"];
        /**
         * @description The session's `id`.
         * @example 5a3f1a54-6f0c-4b57-8c8e-3a2a7d1c2b10
         */
        readonly SessionId: components["schemas"]["SessionId"];
        /**
         * @description The client's `client_id`.
         * @example cli_b0Zx8mT2Q5eYw1RkV7uJhA
         */
        readonly ClientId: components["schemas"]["ClientId"];
        /**
         * @description The secret's `id`.
         * @example sec_J7Nq3vQ0dZ6m1kGm2lq6lg
         */
        readonly SecretId: components["schemas"]["SecretId"];
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
        /** @description Pages of any origin may read these headers, too, where the reply has them. */
        readonly ExposeHeaders: "WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id";
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
            readonly 429: components["responses"]["OAuthTooManyRequests"];
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
            readonly 429: components["responses"]["OAuthTooManyRequests"];
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
            readonly 429: components["responses"]["OAuthTooManyRequests"];
            readonly 500: components["responses"]["OAuthServerError"];
            readonly 503: components["responses"]["OAuthUnavailable"];
        };
    };
    readonly listUsers: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description How many a page has at most.
                 * @example 20
                 */
                readonly limit?: components["parameters"]["PageLimit"];
                /** @description The `next_cursor` of the page before; without it, the list begins at its beginning. */
                readonly cursor?: components["parameters"]["PageCursor"];
                /**
                 * @description Only accounts with this in their username or display name, whatever the case.
                 * @example ada
                 */
                readonly search?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of accounts. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AccountPage"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
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
                    /**
                     * @description Where the user, once signed in, finds the account.
                     * @example /users/me
                     */
                    readonly Location: string;
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
            readonly 429: components["responses"]["TooManyRequests"];
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
            readonly 409: components["responses"]["LastAdministrator"];
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
            readonly 429: components["responses"]["TooManyRequests"];
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
            /** @description The new password counts from now on, and the user is signed in anew, through a public client. */
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
            /**
             * @description The new password counts from now on. Sign the user in with it: the client is confidential, or no new session
             *     could be begun.
             */
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
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly listCurrentUserSessions: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The sessions that have not ended. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SessionList"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly endCurrentUserSessions: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description What becomes of the session of the access token.
                 * @example end
                 */
                readonly current?: components["parameters"]["CurrentSession"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The sessions have ended. */
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
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly endSession: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The session's `id`.
                 * @example 5a3f1a54-6f0c-4b57-8c8e-3a2a7d1c2b10
                 */
                readonly sessionId: components["parameters"]["SessionId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The session has ended. */
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
            readonly 404: components["responses"]["NoSuchSession"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly getUser: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The user's `id`.
                 * @example usr_Zm9vYmFyYmF6cXV4MTIzNA
                 */
                readonly userId: components["parameters"]["UserId"];
            };
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
                    readonly "application/json": components["schemas"]["Account"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NoSuchUser"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly deleteUser: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The user's `id`.
                 * @example usr_Zm9vYmFyYmF6cXV4MTIzNA
                 */
                readonly userId: components["parameters"]["UserId"];
            };
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
            readonly 404: components["responses"]["NoSuchUser"];
            readonly 409: components["responses"]["LastAdministrator"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly updateUser: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The user's `id`.
                 * @example usr_Zm9vYmFyYmF6cXV4MTIzNA
                 */
                readonly userId: components["parameters"]["UserId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["AccountChanges"];
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
                    readonly "application/json": components["schemas"]["Account"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NoSuchUser"];
            readonly 409: components["responses"]["LastAdministrator"];
            readonly 413: components["responses"]["ContentTooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly listUserSessions: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The user's `id`.
                 * @example usr_Zm9vYmFyYmF6cXV4MTIzNA
                 */
                readonly userId: components["parameters"]["UserId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The sessions that have not ended. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SessionList"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NoSuchUser"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly endUserSessions: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The user's `id`.
                 * @example usr_Zm9vYmFyYmF6cXV4MTIzNA
                 */
                readonly userId: components["parameters"]["UserId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description There is no session. */
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
            readonly 404: components["responses"]["NoSuchUser"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly listClients: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description How many a page has at most.
                 * @example 20
                 */
                readonly limit?: components["parameters"]["PageLimit"];
                /** @description The `next_cursor` of the page before; without it, the list begins at its beginning. */
                readonly cursor?: components["parameters"]["PageCursor"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of clients. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ClientPage"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly registerClient: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ClientRegistration"];
            };
        };
        readonly responses: {
            /** @description The client is registered. */
            readonly 201: {
                headers: {
                    /** @description Where the client can be read. */
                    readonly Location: string;
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RegisteredClient"];
                };
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
    readonly getClient: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The client's `client_id`.
                 * @example cli_b0Zx8mT2Q5eYw1RkV7uJhA
                 */
                readonly clientId: components["parameters"]["ClientId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The client. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Client"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NoSuchClient"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly deleteClient: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The client's `client_id`.
                 * @example cli_b0Zx8mT2Q5eYw1RkV7uJhA
                 */
                readonly clientId: components["parameters"]["ClientId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The client is gone. */
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
            readonly 404: components["responses"]["NoSuchClient"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly updateClient: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The client's `client_id`.
                 * @example cli_b0Zx8mT2Q5eYw1RkV7uJhA
                 */
                readonly clientId: components["parameters"]["ClientId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ClientChanges"];
            };
        };
        readonly responses: {
            /** @description The client as it is now. */
            readonly 200: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Client"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NoSuchClient"];
            readonly 413: components["responses"]["ContentTooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly addClientSecret: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The client's `client_id`.
                 * @example cli_b0Zx8mT2Q5eYw1RkV7uJhA
                 */
                readonly clientId: components["parameters"]["ClientId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The secret works. It is shown in this reply and never again. */
            readonly 201: {
                headers: {
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["NewClientSecret"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NoSuchClient"];
            readonly 409: components["responses"]["SecretConflict"];
            readonly 500: components["responses"]["ServerError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly deleteClientSecret: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The client's `client_id`.
                 * @example cli_b0Zx8mT2Q5eYw1RkV7uJhA
                 */
                readonly clientId: components["parameters"]["ClientId"];
                /**
                 * @description The secret's `id`.
                 * @example sec_J7Nq3vQ0dZ6m1kGm2lq6lg
                 */
                readonly secretId: components["parameters"]["SecretId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The secret is gone. */
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
            readonly 404: components["responses"]["NoSuchSecret"];
            readonly 409: components["responses"]["LastSecret"];
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
            readonly 409: components["responses"]["RevocationUndone"];
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
                 * @description How many a page has at most.
                 * @example 20
                 */
                readonly limit?: components["parameters"]["PageLimit"];
                /**
                 * @description The `next_cursor` of the page before; without it, the list begins with the newest event.
                 * @example evt_Zm9vYmFyYmF6cXV4MTIzNA
                 */
                readonly cursor?: components["schemas"]["Cursor"];
                /**
                 * @description Only the events of this key, user, session or client.
                 * @example NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs
                 */
                readonly subject?: string;
                /**
                 * @description Only what was done with the tokens of this user or client.
                 * @example usr_Zm9vYmFyYmF6cXV4MTIzNA
                 */
                readonly actor?: string;
                /**
                 * @description Only events of this type.
                 * @example key.revoked
                 */
                readonly type?: components["schemas"]["AuditEventType"];
                /**
                 * @description Only what succeeded, or only what was refused.
                 * @example failure
                 */
                readonly outcome?: components["schemas"]["AuditOutcome"];
                /**
                 * @description Only events from this moment on. The `+` of an offset is sent as `%2B`.
                 * @example 2026-09-21T00:00:00Z
                 */
                readonly since?: string;
                /**
                 * @description Only events before this moment. The `+` of an offset is sent as `%2B`.
                 * @example 2026-10-02T00:00:00Z
                 */
                readonly until?: string;
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
                    readonly "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["JwkSet"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 400: components["responses"]["PublicBadRequest"];
            readonly 500: components["responses"]["PublicServerError"];
            readonly 503: components["responses"]["PublicUnavailable"];
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
                    readonly "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
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
                    readonly "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
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
                    readonly "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
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
