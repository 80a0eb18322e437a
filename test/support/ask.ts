/** Requests to a server that is a process of its own, and what it replies. */

/** `milliseconds` until the whole reply was there. */
export type Answer<Body = Record<string, unknown>> = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
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

/** Posts a form. `Body` is what the contract says of the reply. */
export async function form<Body = Record<string, unknown>>(
  url: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answer<Body>> {
  const answer = await ask(url, { method: 'POST', body: new URLSearchParams(fields), headers });
  return answer as Answer<Body>;
}
