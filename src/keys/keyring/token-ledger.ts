import type { KeyLog } from './step.ts';
import type { KeyStore } from '../store.ts';

/**
 * Puts on record until when the tokens of each key live, before they are handed out: a retired key stays published by that
 * record. To spare the store a write for each token, it notes `ahead` seconds more than it must, and then nothing until
 * those are used up.
 *
 * While the store cannot be written, tokens are still signed. What could not be noted is a debt: `settle` pays it before
 * anything else is done about the keys, and before the process ends. A process that is killed before that takes it along.
 */
export class TokenLedger {
  readonly #deps: { readonly store: Pick<KeyStore, 'noteTokens'>; readonly ahead: number; readonly log?: KeyLog };
  readonly #noted = new Map<string, number>();
  readonly #debts = new Map<string, number>();
  readonly #writing = new Map<string, Promise<boolean>>();

  constructor(deps: { store: Pick<KeyStore, 'noteTokens'>; ahead: number; log?: KeyLog }) {
    this.#deps = deps;
  }

  /**
   * Resolves when a token of `kid` that expires at `expiresAt` is on record, or is owed: to false, when the key is revoked or
   * gone, so that no such token may be signed. Never rejects.
   */
  async note(kid: string, expiresAt: number): Promise<boolean> {
    while (!this.#isNoted(kid, expiresAt)) {
      const debt = this.#debts.get(kid);
      if (debt !== undefined) {
        this.#debts.set(kid, Math.max(debt, expiresAt));
        return true;
      }
      let writing = this.#writing.get(kid);
      if (writing === undefined) {
        writing = this.#write(kid, expiresAt + this.#deps.ahead).finally(() => this.#writing.delete(kid));
        this.#writing.set(kid, writing);
      }
      if (!(await writing)) return false;
    }
    return true;
  }

  /** Pays what is owed. Rejects, and still owes it, when the store cannot be written. */
  async settle(): Promise<void> {
    // More may come to be owed meanwhile.
    while (this.#debts.size > 0)
      for (const [kid, expiresAt] of this.#debts) {
        await this.#deps.store.noteTokens(kid, expiresAt);
        this.#noted.set(kid, Math.max(expiresAt, this.#noted.get(kid) ?? 0));
        if (this.#debts.get(kid) === expiresAt) this.#debts.delete(kid);
      }
  }

  #isNoted(kid: string, expiresAt: number): boolean {
    return expiresAt <= (this.#noted.get(kid) ?? -Infinity);
  }

  async #write(kid: string, until: number): Promise<boolean> {
    try {
      const isThere = await this.#deps.store.noteTokens(kid, until);
      if (isThere) this.#noted.set(kid, until);
      return isThere;
    } catch (error) {
      this.#debts.set(kid, until);
      this.#deps.log?.('tokens-not-noted', { kid, error });
      return true;
    }
  }
}
