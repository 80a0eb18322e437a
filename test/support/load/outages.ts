/** What was done to the servers and to their database, and when: only that excuses a request that fails. */

/** How a server ends, or that the database is away. */
export type Trouble = 'killed' | 'stopped' | 'database';

/** Milliseconds after the end of an outage of the database in which a server may still meet connections that it broke. */
const DATABASE_RECOVERS_WITHIN = 2_000;

/** Milliseconds for which the sockets of a server that was killed may be in the hands of those who talked to it. */
const SOCKETS_LINGER = 500;

type Outage = { readonly trouble: Trouble; readonly url: string | null; readonly from: number; until: number };

/** Moments are epoch milliseconds. */
export class Outages {
  readonly #all: Outage[] = [];
  readonly #entry: string | null;
  /** The last moment at which a request failed for want of a database that was back already, as a delay. */
  #slowestRecovery = 0;

  /** `entry` is where a proxy listens that stands before the servers. */
  constructor(entry: string | null) {
    this.#entry = entry;
  }

  /** From just before it is done. `url` is that of the server, if it is one. The result says that it is over. */
  begin(trouble: Trouble, url: string | null = null): () => void {
    const outage: Outage = { trouble, url, from: Date.now(), until: Infinity };
    this.#all.push(outage);
    return () => {
      outage.until = Date.now();
    };
  }

  /** Whether a connection to `url` may have broken between these moments. Behind a proxy, one that was not killed never does. */
  mayBreak(url: string, from: number, to: number): boolean {
    const isMeant = (outage: Outage) =>
      url === this.#entry ? outage.trouble === 'killed' : outage.url !== null && url.startsWith(outage.url);
    return this.#overlap(isMeant, from, to, SOCKETS_LINGER);
  }

  mayLackDatabase(from: number, to: number): boolean {
    const isMeant = ({ trouble }: Outage) => trouble === 'database';
    if (!this.#overlap(isMeant, from, to, DATABASE_RECOVERS_WITHIN)) return false;
    const ended = this.#all.filter((outage) => isMeant(outage) && outage.until <= to).at(-1);
    if (ended !== undefined && !this.#overlap(isMeant, to, to, 0))
      this.#slowestRecovery = Math.max(this.#slowestRecovery, to - ended.until);
    return true;
  }

  /** Whether what was logged then may be of a request that lacked the database. */
  mayLogLack(at: number): boolean {
    return this.#overlap(
      ({ trouble }) => trouble === 'database',
      at - DATABASE_RECOVERS_WITHIN,
      at,
      DATABASE_RECOVERS_WITHIN,
    );
  }

  /** Whether nothing at all was the matter between these moments. */
  wasCalm(from: number, to: number): boolean {
    return !this.#overlap(() => true, from, to, DATABASE_RECOVERS_WITHIN);
  }

  isDown(url: string): boolean {
    return this.#all.some((outage) => outage.url === url && outage.until === Infinity);
  }

  /** Milliseconds from the end of an outage of the database to the last reply that blamed it. */
  get slowestRecovery(): number {
    return this.#slowestRecovery;
  }

  count(trouble: Trouble): number {
    return this.#all.filter((outage) => outage.trouble === trouble).length;
  }

  #overlap(isMeant: (outage: Outage) => boolean, from: number, to: number, slack: number): boolean {
    return this.#all.some((outage) => isMeant(outage) && from <= outage.until + slack && to >= outage.from);
  }
}
