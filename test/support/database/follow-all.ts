import type { OpenDatabase } from '../../../src/database/open.ts';

/** Writes and removes all that follows from what was decided, as servers do a little at a time. */
export async function followAll({ followUp }: Pick<OpenDatabase, 'followUp'>): Promise<void> {
  while ((await followUp.followSome(100)) > 0);
}
