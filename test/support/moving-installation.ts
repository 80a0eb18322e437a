/** What somebody who uses an installation holds, and whether it still works somewhere else. */
import { expect } from 'vitest';
import { type Answer, ask, form } from './ask.ts';
import { runForJson } from './command.ts';
import type { Installation } from './installation.ts';

type Tokens = { access_token: string; refresh_token: string };

export type Holder = { readonly username: string; readonly password: string; tokens: Tokens; readonly used: string };

const scope = 'profile:read users:read';

/** An account with a session that has been used once already. */
export async function signUp(installation: Installation, username: string): Promise<Holder> {
  const create = ['create', '--username', username, '--admin'];
  const { password } = await runForJson<{ password: string }>('users', create, installation);
  const login = await form<Tokens>(`${installation.url}/token`, { grant_type: 'password', username, password, scope });
  expect(login.status).toBe(200);
  const next = await refresh(installation.url, login.body.refresh_token);
  expect(next.status).toBe(200);
  return { username, password, tokens: next.body, used: login.body.refresh_token };
}

export function refresh(url: string, token: string): Promise<Answer<Tokens>> {
  return form(`${url}/token`, { grant_type: 'refresh_token', refresh_token: token });
}

const statusOfMe = async (url: string, token: string) => (await ask(`${url}/users/me`, { token })).status;

/** Everything that worked works, and moves on; what was used up is still theft. */
export async function expectToWork(url: string, holder: Holder): Promise<void> {
  expect(await statusOfMe(url, holder.tokens.access_token)).toBe(200);
  const next = await refresh(url, holder.tokens.refresh_token);
  expect(next.status).toBe(200);
  holder.tokens = next.body;
  const again = { grant_type: 'password', username: holder.username, password: holder.password, scope };
  expect((await form(`${url}/token`, again)).status).toBe(200);
}

export async function expectTheftToBeSeen(url: string, holder: Holder): Promise<void> {
  expect((await refresh(url, holder.used)).status).toBe(400);
  expect((await refresh(url, holder.tokens.refresh_token)).status).toBe(400);
  expect(await statusOfMe(url, holder.tokens.access_token)).toBe(401);
}
