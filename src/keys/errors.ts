import { Unavailable } from '../unavailable.ts';

/** No usable key-encryption key. The message says where it was looked for and what to do; it never holds the key. */
export class KeyEncryptionKeyError extends Error {
  override name = 'KeyEncryptionKeyError';
}

/**
 * Sealed under another key-encryption key than those at hand: a wrong setting, not a damaged secret. A request that needs it may be
 * made again: at a replica that has it, or when this one does.
 */
export class WrongKeyEncryptionKey extends Unavailable {
  override name = 'WrongKeyEncryptionKey';
  /** Which were at hand (`idsOf`), where that is known: with the same ones, it would be the same. */
  readonly among: string | null;

  constructor(message: string, among: string | null = null) {
    super(message);
    this.among = among;
  }
}

/** Not something that was sealed for this kid: damaged, or moved here from another key. */
export class CorruptSealedKey extends Error {
  override name = 'CorruptSealedKey';
}

/** Opened, and the private part of another public key than is stored beside it. */
export class MismatchedKeyPair extends Error {
  override name = 'MismatchedKeyPair';
}

/** Some rows have no MAC yet, and get it from the first server of this version that starts: no command may be first. */
export class NotAdopted extends Error {
  override name = 'NotAdopted';

  constructor() {
    super(
      'No server of this version has started yet: the first one authenticates the keys as it finds them. Start it, and run this again ' +
        '(docs/operations.md, Keys; npm run keys -- check names the keys that wait for it).',
    );
  }
}

/** There is no key that this process could sign with, for now. */
export class NoSigningKey extends Unavailable {
  override name = 'NoSigningKey';
}

/** Rows are put back as often as they are made anew: by somebody else, since no server goes on so. */
export class KeysStillChanging extends Error {
  override name = 'KeysStillChanging';

  constructor(kids: readonly string[]) {
    const more = kids.length > 20 ? `, and ${kids.length - 20} more` : '';
    super(
      `These keys cannot be made anew, or are put back each time: ${kids.slice(0, 20).join(', ')}${more}. Nothing is removed. ` +
        'Find out who writes to the database, and run this again.',
    );
  }
}
