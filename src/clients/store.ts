/** A registered service client. Moments are epoch seconds. */
export type Client = {
  /** `cli_` and 128 random bits; also `sub` where the client acts for itself. */
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the secret, which has 256 random bits and so needs no slow hash. */
  readonly secretHash: string;
  /** The scopes that the client may be granted, separated by spaces. */
  readonly scope: string;
  readonly createdAt: number;
};

/** Where clients are kept. Implemented in `database/`. */
export interface ClientStore {
  insertClient(client: Client): Promise<void>;
  findClient(id: string): Promise<Client | undefined>;
}
