/** Requests of the load: each is sent once, timed, and judged by what has become of it. */
import type { Outages } from './outages.ts';
import { messageOf } from '../error-message.ts';

export type Ask = {
  /** What it is called in the summary. */
  readonly name: string;
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly token?: string;
  readonly form?: Record<string, string>;
  readonly json?: object;
  /** Where it comes from, as a proxy would say. */
  readonly address?: string;
  /** It is answered without the database. */
  readonly isWithoutDatabase?: true;
};

/** `body` is the document, or null when there is none. */
export type Reply = {
  readonly kind: 'reply';
  readonly status: number;
  readonly body: Record<string, unknown> | null;
  readonly sentAt: number;
  readonly at: number;
};

/** Of a request without a reply, or with one that blames the database, nobody knows whether it was carried out. */
export type Answer = Reply | { readonly kind: 'unavailable' | 'lost' };

export type Exchange = (url: string, ask: Ask) => Promise<Answer>;

/** Milliseconds. A request that takes longer hangs, and so does one that takes so long to say that it cannot be done. */
const LONGEST = 15_000;
const LONGEST_UNAVAILABLE = 4_000;

/** Milliseconds for which a request waits for a connection to the database, where others have them all. */
const WAITS_FOR_CONNECTION = 2_000;

/** Milliseconds that replies took, and how many requests came to nothing; `overloaded` where that was for want of time. */
export type Times = { readonly replies: number[]; unavailable: number; overloaded: number; lost: number };

export type Breach = (what: string, evidence: unknown) => void;

export function createExchange(outages: Outages, breach: Breach): { send: Exchange; times: Map<string, Times> } {
  const times = new Map<string, Times>();

  async function send(url: string, ask: Ask): Promise<Answer> {
    const sentAt = Date.now();
    const counted = timesOf(ask.name);
    const evidence = (more: object) => ({ to: url, ask: { ...ask, token: ask.token?.slice(-12) }, sentAt, ...more });
    let reply: Response;
    let text: string;
    try {
      reply = await fetch(url + ask.path, requestOf(ask));
      text = await reply.text();
    } catch (error) {
      const at = Date.now();
      counted.lost += 1;
      if (!outages.mayBreak(url, sentAt, at)) breach('a connection broke', evidence({ at, error: messageOf(error) }));
      return { kind: 'lost' };
    }
    const at = Date.now();
    const { status, headers } = reply;
    // The only server here that says so.
    if (status === 502 && headers.get('server')?.startsWith('nginx')) {
      counted.lost += 1;
      if (!outages.mayBreak(url, sentAt, at)) breach('the proxy lost a server', evidence({ at }));
      return { kind: 'lost' };
    }
    if (status === 503) {
      counted.unavailable += 1;
      const more = { at, text, retryAfter: headers.get('retry-after') };
      const took = at - sentAt;
      if (!isWellFormed(reply, text)) breach('a 503 is not as the contract has it', evidence(more));
      else if (ask.isWithoutDatabase) breach('a 503 for what needs no database', evidence(more));
      else if (outages.mayLackDatabase(sentAt, at)) {
        if (took > LONGEST_UNAVAILABLE) breach('a 503 came late', evidence(more));
      } else if (took >= WAITS_FOR_CONNECTION) counted.overloaded += 1;
      else breach('a 503 with the database there', evidence(more));
      return { kind: 'unavailable' };
    }
    if (status >= 500) {
      breach(`a ${status}`, evidence({ at, text }));
      return { kind: 'lost' };
    }
    counted.replies.push(at - sentAt);
    return { kind: 'reply', status, body: documentOf(text), sentAt, at };
  }

  function timesOf(name: string): Times {
    const known = times.get(name) ?? { replies: [], unavailable: 0, overloaded: 0, lost: 0 };
    times.set(name, known);
    return known;
  }

  return { send, times };
}

function requestOf({ method = 'GET', token, form, json, address }: Ask): RequestInit {
  const headers = {
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    ...(json !== undefined && { 'Content-Type': 'application/json' }),
    ...(address !== undefined && { 'X-Forwarded-For': address }),
  };
  const signal = AbortSignal.timeout(LONGEST);
  if (form !== undefined) return { method, headers, signal, body: new URLSearchParams(form) };
  return { method, headers, signal, ...(json !== undefined && { body: JSON.stringify(json) }) };
}

/** RFC 9457 or RFC 6749, 5.2, and when to try again (RFC 9110, 10.2.3). */
function isWellFormed({ headers }: Response, text: string): boolean {
  const document = documentOf(text);
  const isProblem = headers.get('content-type')?.startsWith('application/problem+json') && document?.['status'] === 503;
  const isOAuthError = document?.['error'] === 'temporarily_unavailable';
  return /^[1-9]\d*$/.test(headers.get('retry-after') ?? '') && (isProblem === true || isOAuthError);
}

function documentOf(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** One line for each kind of request. */
export function describeTimes(times: ReadonlyMap<string, Times>): string[] {
  return [...times].map(([name, { replies, unavailable, lost }]) => {
    const sorted = replies.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    const took = `${at(0.5)} ms, 99 of 100 within ${at(0.99)} ms, at most ${at(1)} ms`;
    return `${name}: ${sorted.length} replies in ${took}; ${unavailable} times 503, ${lost} lost`;
  });
}

export type Counts = { replies: number; unavailable: number; overloaded: number; lost: number };

export function countAll(times: ReadonlyMap<string, Times>): Counts {
  const sum = { replies: 0, unavailable: 0, overloaded: 0, lost: 0 };
  for (const { replies, unavailable, overloaded, lost } of times.values()) {
    sum.replies += replies.length;
    sum.unavailable += unavailable;
    sum.overloaded += overloaded;
    sum.lost += lost;
  }
  return sum;
}

/** Of all replies: with more, the machine was too busy for a proof. */
export const MOST_OVERLOADED = 0.01;
