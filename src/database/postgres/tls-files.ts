import { readFileSync } from 'node:fs';

/** In PEM: authorities that are trusted in place of this machine's, and what the server is shown. */
export type TlsFiles = { readonly ca?: string; readonly cert?: string; readonly key?: string };

type Names = { readonly [Each in 'sslrootcert' | 'sslcert' | 'sslkey']: string | undefined };

/** Reads the files that a URL names. Throws a `RangeError`. */
export function readTlsFiles({ sslrootcert, sslcert, sslkey }: Names): TlsFiles {
  if ((sslcert === undefined) !== (sslkey === undefined))
    throw new RangeError('it must name both sslcert and sslkey, or neither');
  return {
    // So says libpq that the authorities of the machine are meant.
    ...(sslrootcert !== undefined && sslrootcert !== 'system' && { ca: read('sslrootcert', sslrootcert) }),
    ...(sslcert !== undefined && { cert: read('sslcert', sslcert) }),
    ...(sslkey !== undefined && { key: read('sslkey', sslkey) }),
  };
}

function read(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new RangeError(`its ${name} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}
