import type { Stats } from 'node:fs';

/**
 * Why a file that is there must not be taken for a secret, as the rest of a sentence about it; undefined where it may be.
 *
 * Look at the open file, so that what is checked is what is read. A group may read what root has given it, as Debian's
 * ssl-cert and the volumes of Kubernetes with `fsGroup` do (0440); otherwise the owner alone may. Windows has neither owners
 * nor mode bits of this kind.
 */
export function findExposure({ uid, mode }: Pick<Stats, 'uid' | 'mode'>, path: string): string | undefined {
  const self = process.geteuid?.();
  if (self === undefined) return undefined;
  if (uid !== self && uid !== 0)
    return (
      `belongs to another user (uid ${uid}), who may have chosen it. ` +
      'Make sure that it is yours, and change its owner.'
    );
  const forOthers = uid === 0 ? 0o037 : 0o077;
  if ((mode & forOthers) === 0) return undefined;
  // Root's own file, with no right for its group, would be closed to this process.
  const closed = uid === self ? '600' : '640';
  return (
    `is open to others than its owner (mode ${(mode & 0o777).toString(8).padStart(4, '0')}). ` +
    `Run \`chmod ${closed} ${path}\`, and consider whether it has been read.`
  );
}
