/** Requests to a server that is a process of its own, and what it replies. */

/** `milliseconds` until the whole reply was there. */
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  readonly milliseconds: number;
};

type Asking = Omit<RequestInit, 'headers'> & { token?: string; headers?: Record<string, string> };

export async function ask(url: string, how: Asking = {}): Promise<Answer> {
  const begunAt = performance.now();
  const headers = how.token === undefined ? {} : { Authorization: `Bearer ${how.token}` };
  const type = typeof how.body === 'string' ? { 'Content-Type': 'application/json' } : {};
  const reply = await fetch(url, { ...how, headers: { ...headers, ...type, ...how.headers } });
  const text = await reply.text();
  const body = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>;
  return { status: reply.status, headers: reply.headers, body, milliseconds: performance.now() - begunAt };
}

export function form(url: string, fields: Record<string, string>): Promise<Answer> {
  return ask(url, { method: 'POST', body: new URLSearchParams(fields) });
}
