import type { AuditEvent, Occasion } from '../../src/audit/event.ts';
import type { ForgottenKey, KeyRecord, KeyStore, MacChange } from '../../src/keys/store.ts';
import { isPlaceFree } from '../../src/keys/timeline/succession.ts';
import type { VerifyOnlyKey, VerifyOnlyKeyStore } from '../../src/keys/verify-only.ts';

type Recorded = Occasion & { readonly type: AuditEvent['type']; readonly subject: string };

/** The rows of a KeyStore and its rules, without waiting: what one transaction does. */
export class KeyTable {
  /** What was done, the oldest first. */
  readonly events: Recorded[] = [];
  #rows: readonly KeyRecord[] = [];
  #verifyOnly: readonly VerifyOnlyKey[] = [];
  readonly #forgotten: (ForgottenKey & { readonly revokedAt: number })[] = [];

  list(): KeyRecord[] {
    return [...this.#rows];
  }

  insert(key: KeyRecord, event: 'key.created' | 'key.imported', occasion: Occasion): boolean {
    if (!isPlaceFree(this.#rows, key.succeeds) || this.#isTaken(key.kid)) return false;
    this.#rows = [...this.#rows, key];
    this.#record(event, [key.kid], occasion);
    return true;
  }

  promote(kid: string, { from, to }: { from: number; to: number }, occasion: Occasion): boolean {
    const key = this.#find(kid);
    if (key === undefined || key.revokedAt !== null || key.tookOverAt !== null) return false;
    if (key.activatesAt !== from || from <= to) return false;
    this.change(kid, { activatesAt: to, tookOverAt: to });
    this.#record('key.activated', [kid], occasion);
    return true;
  }

  revoke(kid: string, { promote, spare }: Parameters<KeyStore['revokeKey']>[1], occasion: Occasion): boolean {
    const key = this.#find(kid);
    const heir = promote === null ? null : this.#find(promote);
    if (key === undefined || key.revokedAt !== null) return false;
    if (heir === undefined || (heir !== null && heir.revokedAt !== null)) return false;
    if (spare !== null && (!isPlaceFree(this.#rows, spare.succeeds) || this.#isTaken(spare.kid))) return false;
    this.change(kid, { revokedAt: occasion.at, sealedPrivateKey: null });
    this.#record('key.revoked', [kid], occasion);
    if (heir !== null) this.promote(heir.kid, { from: heir.activatesAt, to: occasion.at }, occasion);
    if (spare !== null) this.insert(spare, 'key.created', occasion);
    return true;
  }

  note(kid: string, expireAt: number): boolean {
    const key = this.#find(kid);
    if (key === undefined || key.revokedAt !== null) return false;
    this.change(kid, { tokensExpireAt: Math.max(key.tokensExpireAt ?? 0, expireAt) });
    return true;
  }

  settle(
    { tookOver, destroyPrivate, remove, forget = [] }: Parameters<KeyStore['settleKeys']>[0],
    occasion: Occasion,
  ): void {
    for (const { kid } of this.#among(tookOver, (key) => key.tookOverAt === null && key.revokedAt === null)) {
      this.change(kid, { tookOverAt: occasion.at });
      this.#record('key.activated', [kid], occasion);
    }
    for (const { kid } of this.#among(destroyPrivate, (key) => key.sealedPrivateKey !== null)) {
      this.change(kid, { sealedPrivateKey: null, destroyedAt: occasion.at });
      this.#record('key.destroyed', [kid], occasion);
    }
    const gone = this.#among(remove, (key) => key.revokedAt === null).map(({ kid }) => kid);
    this.#rows = this.#rows.filter(({ kid }) => !gone.includes(kid));
    this.#record('key.retired', gone, occasion);
    for (const { kid, thumbprint } of forget)
      for (const { revokedAt } of [...this.#rows, ...this.#verifyOnly].filter((key) => key.kid === kid)) {
        if (revokedAt === null) continue;
        this.#rows = this.#rows.filter((key) => key.kid !== kid);
        this.#verifyOnly = this.#verifyOnly.filter((key) => key.kid !== kid);
        this.#forgotten.push({ kid, thumbprint, revokedAt });
      }
  }

  findForgotten({ kid, thumbprint }: ForgottenKey): number | null {
    const isMeant = (each: ForgottenKey) => each.kid === kid || (thumbprint !== null && each.thumbprint === thumbprint);
    const found = this.#forgotten.filter(isMeant).map(({ revokedAt }) => revokedAt);
    return found.length === 0 ? null : Math.min(...found);
  }

  reseal(kid: string, { from, to }: { from: string; to: string }, occasion: Occasion): boolean {
    if (this.#find(kid)?.sealedPrivateKey !== from) return false;
    this.change(kid, { sealedPrivateKey: to });
    this.#record('key.resealed', [kid], occasion);
    return true;
  }

  writeMacs(changes: readonly MacChange[]): boolean {
    const isAsRead = ({ of, kid, from, resealed }: MacChange): boolean => {
      const key = of === 'signing' ? this.#find(kid) : undefined;
      const row = of === 'signing' ? key : this.#verifyOnly.find((each) => each.kid === kid);
      return row?.factsMac === from && (resealed === null || key?.sealedPrivateKey === resealed.from);
    };
    if (!changes.every(isAsRead)) return false;
    for (const { of, kid, to, resealed } of changes)
      if (of === 'signing') this.change(kid, { factsMac: to, ...(resealed && { sealedPrivateKey: resealed.to }) });
      else this.changeVerifyOnly(kid, { factsMac: to });
    return true;
  }

  listVerifyOnly(): VerifyOnlyKey[] {
    return [...this.#verifyOnly];
  }

  insertVerifyOnly(key: VerifyOnlyKey, occasion: Occasion): boolean {
    if (this.#isTaken(key.kid)) return false;
    this.#verifyOnly = [...this.#verifyOnly, key];
    this.#record('key.imported', [key.kid], occasion);
    return true;
  }

  revokeVerifyOnly(kid: string, occasion: Occasion): boolean {
    const key = this.#verifyOnly.find((each) => each.kid === kid);
    if (key === undefined || key.revokedAt !== null) return false;
    this.#verifyOnly = this.#verifyOnly.map((each) => (each === key ? { ...key, revokedAt: occasion.at } : each));
    this.#record('key.revoked', [kid], occasion);
    return true;
  }

  removeVerifyOnly(kids: readonly string[], occasion: Occasion): void {
    const gone = this.#verifyOnly.filter((key) => key.revokedAt === null && kids.includes(key.kid));
    this.#verifyOnly = this.#verifyOnly.filter((key) => !gone.includes(key));
    this.#record(
      'key.retired',
      gone.map(({ kid }) => kid),
      occasion,
    );
  }

  /** Also lets a test damage a row. */
  change(kid: string, to: Partial<KeyRecord>): void {
    this.#rows = this.#rows.map((key) => (key.kid === kid ? { ...key, ...to } : key));
  }

  changeVerifyOnly(kid: string, to: Partial<VerifyOnlyKey>): void {
    this.#verifyOnly = this.#verifyOnly.map((key) => (key.kid === kid ? { ...key, ...to } : key));
  }

  #find(kid: string): KeyRecord | undefined {
    return this.#rows.find((key) => key.kid === kid);
  }

  #among(kids: readonly string[], isMeant: (key: KeyRecord) => boolean): KeyRecord[] {
    return this.#rows.filter((key) => kids.includes(key.kid) && isMeant(key));
  }

  #isTaken(kid: string): boolean {
    const isThere = this.#find(kid) !== undefined || this.#verifyOnly.some((key) => key.kid === kid);
    return isThere || this.findForgotten({ kid, thumbprint: null }) !== null;
  }

  #record(type: Recorded['type'], subjects: readonly string[], occasion: Occasion): void {
    this.events.push(...subjects.map((subject) => ({ ...occasion, type, subject })));
  }
}

/**
 * The stores of keys in memory. Each method is one transaction; `pause` is awaited on the way in and on the way out, so that
 * a test can interleave callers, or throw for a database that cannot be reached.
 */
export class MemoryKeyStore implements KeyStore, VerifyOnlyKeyStore {
  readonly table: KeyTable;
  readonly #pause: () => Promise<void>;

  constructor({ table = new KeyTable(), pause = () => Promise.resolve() } = {}) {
    this.table = table;
    this.#pause = pause;
  }

  listKeys = (): Promise<KeyRecord[]> => this.#transact(() => this.table.list());
  insertKey: KeyStore['insertKey'] = (...change) => this.#transact(() => this.table.insert(...change));
  promoteKey: KeyStore['promoteKey'] = (...change) => this.#transact(() => this.table.promote(...change));
  revokeKey: KeyStore['revokeKey'] = (...change) => this.#transact(() => this.table.revoke(...change));
  resealKey: KeyStore['resealKey'] = (...change) => this.#transact(() => this.table.reseal(...change));
  writeMacs: KeyStore['writeMacs'] = (...changes) => this.#transact(() => this.table.writeMacs(...changes));
  noteTokens: KeyStore['noteTokens'] = (...note) => this.#transact(() => this.table.note(...note));
  settleKeys: KeyStore['settleKeys'] = (...due) =>
    this.#transact(() => {
      this.table.settle(...due);
    });

  findForgotten: KeyStore['findForgotten'] = (key) => this.#transact(() => this.table.findForgotten(key));

  listVerifyOnlyKeys = (): Promise<VerifyOnlyKey[]> => this.#transact(() => this.table.listVerifyOnly());
  insertVerifyOnlyKey: VerifyOnlyKeyStore['insertVerifyOnlyKey'] = (...change) =>
    this.#transact(() => this.table.insertVerifyOnly(...change));
  revokeVerifyOnlyKey: VerifyOnlyKeyStore['revokeVerifyOnlyKey'] = (...change) =>
    this.#transact(() => this.table.revokeVerifyOnly(...change));
  removeVerifyOnlyKeys: VerifyOnlyKeyStore['removeVerifyOnlyKeys'] = (...change) =>
    this.#transact(() => {
      this.table.removeVerifyOnly(...change);
    });

  async #transact<Result>(work: () => Result): Promise<Result> {
    await this.#pause();
    const result = work();
    await this.#pause();
    return result;
  }
}
