import { FIRST, type KeyRecord, type KeyStore } from '../../src/keys/store.ts';

/** The rows of a KeyStore and its rules, without waiting: what one transaction does. */
export class KeyTable {
  #rows: readonly KeyRecord[] = [];

  list(): KeyRecord[] {
    return [...this.#rows];
  }

  insert(key: KeyRecord): boolean {
    if (key.succeeds !== (this.#rows.at(-1)?.kid ?? FIRST)) return false;
    this.#rows = [...this.#rows, key];
    return true;
  }

  promote(kid: string, at: number): boolean {
    const key = this.#find(kid);
    if (key === undefined || key.revokedAt !== null || key.activatesAt <= at) return false;
    this.change(kid, { activatesAt: at });
    return true;
  }

  revoke(kid: string, { revokedAt, promote, spare }: Parameters<KeyStore['revokeKey']>[1]): boolean {
    const key = this.#find(kid);
    const heir = promote === null ? null : this.#find(promote);
    if (key === undefined || key.revokedAt !== null) return false;
    if (heir === undefined || (heir !== null && heir.revokedAt !== null)) return false;
    if (spare !== null && !this.insert(spare)) return false;
    this.change(kid, { revokedAt, sealedPrivateKey: null });
    if (heir !== null) this.change(heir.kid, { activatesAt: Math.min(heir.activatesAt, revokedAt) });
    return true;
  }

  settle({ destroyPrivate, remove, extend, tokensLiveFor }: Parameters<KeyStore['settleKeys']>[0]): void {
    for (const kid of destroyPrivate) this.change(kid, { sealedPrivateKey: null });
    for (const kid of extend) {
      const key = this.#find(kid);
      if (key !== undefined) this.change(kid, { tokensLiveFor: Math.max(key.tokensLiveFor, tokensLiveFor) });
    }
    this.#rows = this.#rows.filter((key) => key.revokedAt !== null || !remove.includes(key.kid));
  }

  /** Also lets a test damage a row. */
  change(kid: string, to: Partial<KeyRecord>): void {
    this.#rows = this.#rows.map((key) => (key.kid === kid ? { ...key, ...to } : key));
  }

  #find(kid: string): KeyRecord | undefined {
    return this.#rows.find((key) => key.kid === kid);
  }
}

/**
 * A KeyStore in memory. Each method is one transaction; `pause` is awaited on the way in and on the way out, so that a
 * test can interleave callers, or throw for a database that cannot be reached.
 */
export class MemoryKeyStore implements KeyStore {
  readonly table: KeyTable;
  readonly #pause: () => Promise<void>;

  constructor({ table = new KeyTable(), pause = () => Promise.resolve() } = {}) {
    this.table = table;
    this.#pause = pause;
  }

  listKeys = (): Promise<KeyRecord[]> => this.#transact(() => this.table.list());
  insertKey = (key: KeyRecord): Promise<boolean> => this.#transact(() => this.table.insert(key));
  promoteKey = (kid: string, at: number): Promise<boolean> => this.#transact(() => this.table.promote(kid, at));
  revokeKey: KeyStore['revokeKey'] = (kid, change) => this.#transact(() => this.table.revoke(kid, change));
  settleKeys: KeyStore['settleKeys'] = (due) =>
    this.#transact(() => {
      this.table.settle(due);
    });

  async #transact<Result>(work: () => Result): Promise<Result> {
    await this.#pause();
    const result = work();
    await this.#pause();
    return result;
  }
}
