import { hashSecret, newSecret } from '../secret.ts';
import type { RefreshToken, Session } from './store.ts';

/** A refresh token, and what is stored of it. */
export type MintedToken = { readonly refreshToken: string; readonly stored: RefreshToken };

/** Makes a refresh token of a session, which it does not outlive. */
export function mintRefreshToken(
  session: Pick<Session, 'id' | 'expiresAt'>,
  { issuedAt, expiresAt }: { issuedAt: number; expiresAt: number },
): MintedToken {
  const refreshToken = newSecret('trt_');
  const stored: RefreshToken = {
    hash: hashSecret(refreshToken),
    sessionId: session.id,
    issuedAt,
    expiresAt: Math.min(expiresAt, session.expiresAt),
    usedAt: null,
    sealedSuccessor: null,
  };
  return { refreshToken, stored };
}
