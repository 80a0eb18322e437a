import { type TlsFiles, type TlsPair, readTlsPair } from './tls-pair.ts';

export type TlsLog = {
  info(detail: object, message: string): void;
  error(detail: object, message: string): void;
};

export type TlsWatch = {
  /** Looks now, rather than when it is time. */
  readonly look: () => Promise<void>;
  close(): void;
};

/** Milliseconds between two looks. */
const lookEvery = 3000;

/**
 * Has `apply` take what is in the files whenever that has changed and can be used. It looks at what they hold: certificates
 * are renewed by moving links, of which the system tells nobody. Other than at a start, what cannot be used is no reason to
 * stop: the pair from before goes on. Of two files one changes first, so a fault is told of when it is still there the next time.
 */
export function watchTlsPair(
  files: TlsFiles,
  current: TlsPair,
  deps: { apply: (pair: TlsPair) => void; clock: () => number; log: TlsLog; every?: number },
): TlsWatch {
  const { apply, clock, log } = deps;
  let used = current;
  let lastFault: string | undefined;
  let told: string | undefined;
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => void look(), deps.every ?? lookEvery);
  timer.unref();
  return {
    look,
    close: () => {
      clearInterval(timer);
    },
  };

  function look(): Promise<void> {
    looking ??= takeUp().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  async function takeUp(): Promise<void> {
    try {
      const found = await readTlsPair(files, clock());
      if (found.cert !== used.cert || found.key !== used.key) {
        apply(found);
        used = found;
        log.info({ expires: found.expires }, 'tls-certificate-replaced');
      }
      lastFault = told = undefined;
    } catch (error) {
      const fault = (error as Error).message;
      if (fault === lastFault && fault !== told) {
        told = fault;
        log.error({ fault }, 'tls-certificate-unusable');
      }
      lastFault = fault;
    }
  }
}
