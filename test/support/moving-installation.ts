/** What somebody who uses an installation holds, and whether it still works somewhere else. */
import { expect } from 'vitest';
import { runCommand } from './command.ts';
import type { Installation } from './installation.ts';

type Tokens = { access_token: string; refresh_token: string };

export type Holder = { readonly username: string; readonly password: string; tokens: Tokens; readonly used: string };

const scope = 'profile:read users:read';

async function form(url: string, fields: Record<string, string>): Promise<{ status: number; body: Tokens }> {
  const reply = await fetch(`${url}/token`, { method: 'POST', body: new URLSearchParams(fields) });
  return { status: reply.status, body: (await reply.json()) as Tokens };
}

async function me(url: string, token: string): Promise<number> {
  const reply = await fetch(`${url}/users/me`, { headers: { Authorization: `Bearer ${token}` } });
  await reply.arrayBuffer();
  return reply.status;
}

/** An account with a session that has been used once already. */
export async function signUp(installation: Installation, username: string): Promise<Holder> {
  const made = await runCommand('users', ['create', '--username', username, '--admin', '--json'], installation);
  const { password } = JSON.parse(made.stdout) as { password: string };
  const login = await form(installation.url, { grant_type: 'password', username, password, scope });
  expect(login.status).toBe(200);
  const next = await refresh(installation.url, login.body.refresh_token);
  expect(next.status).toBe(200);
  return { username, password, tokens: next.body, used: login.body.refresh_token };
}

export function refresh(url: string, token: string): Promise<{ status: number; body: Tokens }> {
  return form(url, { grant_type: 'refresh_token', refresh_token: token });
}

/** Everything that worked works, and moves on; what was used up is still theft. */
export async function expectToWork(url: string, holder: Holder): Promise<void> {
  expect(await me(url, holder.tokens.access_token)).toBe(200);
  const next = await refresh(url, holder.tokens.refresh_token);
  expect(next.status).toBe(200);
  holder.tokens = next.body;
  const again = { grant_type: 'password', username: holder.username, password: holder.password, scope };
  expect((await form(url, again)).status).toBe(200);
}

export async function expectTheftToBeSeen(url: string, holder: Holder): Promise<void> {
  expect((await refresh(url, holder.used)).status).toBe(400);
  expect((await refresh(url, holder.tokens.refresh_token)).status).toBe(400);
  expect(await me(url, holder.tokens.access_token)).toBe(401);
}
