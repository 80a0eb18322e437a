/** Who runs a command, and why, for the audit trail. */
import { userInfo } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';
import type { Cause } from '../src/audit/event.ts';

export function reasonOption(): Option {
  return new Option('--reason <text>', 'why, for the audit trail').argParser((text) => {
    // As the contract has it for callers.
    if (/^[^\p{Cc}\u2028\u2029]{1,500}$/u.test(text)) return text;
    throw new InvalidArgumentError('It is 1 to 500 characters, no control characters.');
  });
}

export function scriptCause(reason?: string): Cause {
  return { actor: { kind: 'script', name: nameOfUser() }, reason: reason ?? null };
}

/** In a container the user may have a number and no name. */
function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.geteuid?.() ?? 'unknown'}`;
  }
}
