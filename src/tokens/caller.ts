import type { User } from '../users/store.ts';
import type { AccessTokenClaims } from './access-token.ts';

/** Who an access token speaks for, once the token and everything behind it have been found good. */
export type Caller =
  | { readonly kind: 'user'; readonly user: User; readonly sessionId: string; readonly claims: AccessTokenClaims }
  | { readonly kind: 'client'; readonly claims: AccessTokenClaims };
