/** What was acknowledged, looked for in the tables themselves. */
import { decodeJwt } from 'jose';
import type { Book } from './book.ts';

export type Select = (statement: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** What can only become more, as it is at one moment. */
export type Facts = {
  readonly accounts: readonly string[];
  readonly endedSessions: readonly string[];
  readonly revokedTokens: readonly string[];
  readonly rotations: readonly string[];
};

export function factsOf({ accounts, dead, rotations }: Book): Facts {
  const there = accounts.filter(({ state, isLeaving }) => state !== 'deleted' && !isLeaving);
  const ended = dead.filter(({ refreshToken }) => refreshToken !== undefined);
  const alone = dead.filter(({ refreshToken }) => refreshToken === undefined);
  return {
    accounts: there.map(({ id }) => id),
    endedSessions: ended.map(({ accessToken }) => String(decodeJwt(accessToken)['sid'])),
    revokedTokens: alone.map(({ accessToken }) => decodeJwt(accessToken).jti ?? ''),
    rotations: rotations.map(({ kid }) => kid),
  };
}

/** A line for each that is not there. An account may have been deleted since; `leaving` are those that may be. */
export async function findLost(
  facts: Facts,
  select: Select,
  leaving: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const column = async (statement: string) => new Set((await select(statement)).map(({ found }) => found));
  const users = await column('select id as found from users');
  const alive = await column('select id as found from sessions where ended_at is null');
  const revoked = await column('select jti as found from revoked_tokens');
  const activated = await column("select subject as found from audit_events where type = 'key.activated'");
  return [
    ...facts.accounts.filter((id) => !users.has(id) && !leaving.has(id)).map((id) => `the account ${id}`),
    ...facts.endedSessions.filter((id) => alive.has(id)).map((id) => `the end of the session ${id}`),
    ...facts.revokedTokens.filter((jti) => !revoked.has(jti)).map((jti) => `the revocation of the token ${jti}`),
    ...facts.rotations.filter((kid) => !activated.has(kid)).map((kid) => `the rotation to ${kid}`),
  ];
}
