/** A certificate and its key, in PEM, as files: what keeps them from being used is said before anything is served with them. */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { findExposure } from '../../private-file.ts';

export type TlsFiles = { readonly certFile: string; readonly keyFile: string };

export type TlsPair = {
  readonly cert: string;
  readonly key: string;
  /** When the certificate ends. */
  readonly expires: string;
};

/** The pair cannot be used; the message says why, and holds nothing of the key. */
export class TlsFault extends Error {
  override readonly name = 'TlsFault';
}

/** Throws `TlsFault`. `now` in epoch seconds. */
export async function readTlsPair({ certFile, keyFile }: TlsFiles, now: number): Promise<TlsPair> {
  const cert = await read(certFile, 'TLS_CERT_FILE', () => undefined);
  const key = await read(keyFile, 'TLS_KEY_FILE', refuseExposedKey);
  const certificate = parsed(
    () => new X509Certificate(cert),
    `TLS_CERT_FILE: ${certFile} holds no certificate in PEM.`,
  );
  const privateKey = parsed(
    () => createPrivateKey(key),
    `TLS_KEY_FILE: ${keyFile} holds no private key in PEM that can be read without a passphrase.`,
  );
  if (!certificate.checkPrivateKey(privateKey))
    throw new TlsFault(
      `TLS_CERT_FILE, TLS_KEY_FILE: the key in ${keyFile} is not that of the certificate in ${certFile}.`,
    );
  const { validFromDate, validToDate } = certificate;
  if (validToDate.getTime() <= now * 1000)
    throw new TlsFault(`TLS_CERT_FILE: the certificate in ${certFile} has expired (${validToDate.toISOString()}).`);
  if (validFromDate.getTime() > now * 1000)
    throw new TlsFault(
      `TLS_CERT_FILE: the certificate in ${certFile} is not valid before ${validFromDate.toISOString()}.`,
    );
  refuseWeak({ cert, key }, certFile);
  return { cert, key, expires: validToDate.toISOString() };
}

/** OpenSSL has the last word: it refuses keys that are too short, and a chain that it cannot read. */
function refuseWeak(pair: { cert: string; key: string }, certFile: string): void {
  try {
    process.getBuiltinModule('node:tls').createSecureContext(pair);
  } catch (error) {
    const { reason, code } = error as { reason?: string; code?: string };
    throw new TlsFault(
      `TLS_CERT_FILE: OpenSSL refuses what is in ${certFile} (${reason ?? code ?? 'unknown reason'}).`,
    );
  }
}

async function read(
  path: string,
  setting: string,
  check: (file: FileHandle, path: string) => unknown,
): Promise<string> {
  let file;
  try {
    file = await open(path, 'r');
    await check(file, path);
    return await file.readFile('utf8');
  } catch (error) {
    if (error instanceof TlsFault) throw error;
    throw new TlsFault(
      `${setting}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`,
    );
  } finally {
    await file?.close();
  }
}

async function refuseExposedKey(file: FileHandle, path: string): Promise<void> {
  const exposure = findExposure(await file.stat(), path);
  if (exposure !== undefined) throw new TlsFault(`TLS_KEY_FILE: the key ${exposure}`);
}

function parsed<Value>(parse: () => Value, fault: string): Value {
  try {
    return parse();
  } catch {
    throw new TlsFault(fault);
  }
}
