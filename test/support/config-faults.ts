import { expect } from 'vitest';
import { ConfigError, readConfig } from '../../src/config/config.ts';

export type Environment = Record<string, string>;

/** What the operator is told, one fault a line. */
export function faultsOf(environment: Environment): string[] {
  try {
    readConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const [head, ...faults] = (error as Error).message.split('\n  - ');
    expect(head).toBe('The environment cannot be used:');
    return faults;
  }
  return [];
}
