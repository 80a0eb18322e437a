import { hashSecret, newId, newSecret } from '../tokens/secret.ts';
import type { Client } from './store.ts';

/** A new client and its secret, which is never seen again. */
export function newClient(name: string, scope: string, createdAt: number): { client: Client; secret: string } {
  const secret = newSecret('tcs_');
  return { client: { id: newId('cli_'), name, secretHash: hashSecret(secret), scope, createdAt }, secret };
}
