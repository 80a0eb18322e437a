import { parseIssuer } from './issuer.ts';

const secondsPer = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** The longest duration that makes sense: ten years, in seconds. */
const longest = 3650 * secondsPer.d;

/**
 * Reads settings out of an environment and collects what is wrong with them. A setting that is empty counts as absent.
 * After a fault the reader goes on with a stand-in, so that every fault is found: look at `faults` before using a value.
 */
export class Settings {
  readonly faults: string[] = [];
  readonly #environment: Readonly<Record<string, string | undefined>>;

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    this.#environment = environment;
  }

  optional(name: string): string | undefined {
    const value = this.#environment[name]?.trim();
    return value === '' ? undefined : value;
  }

  text(name: string, otherwise: string): string {
    // A file of settings that no shell reads keeps its quotes.
    return this.matching(name, otherwise, /^(?!["'])\S+$/, 'text without spaces, and without quotes around it');
  }

  matching(name: string, otherwise: string, pattern: RegExp, expected: string): string {
    const value = this.optional(name) ?? otherwise;
    return pattern.test(value) ? value : this.#fault(name, value, expected, otherwise);
  }

  /** For what may hold a password, in whatever form it comes: a fault shows nothing of it. */
  withheld(name: string, otherwise: string, fits: (text: string) => boolean, expected: string): string {
    const value = this.optional(name) ?? otherwise;
    if (fits(value)) return value;
    this.faults.push(`${name}: expected ${expected}; found ${notShown}`);
    return otherwise;
  }

  /** `parse` says undefined of what is faulty. */
  parsed<Value>(name: string, parse: (text: string) => Value | undefined, otherwise: Value, expected: string): Value {
    const value = this.optional(name);
    if (value === undefined) return otherwise;
    const read = parse(value);
    return read === undefined ? this.#fault(name, value, expected, otherwise) : read;
  }

  /** As `parsed`, for what may be wrong in several ways: `parse` throws a RangeError that says how, and shows no password. */
  explained<Value>(name: string, parse: (text: string) => Value, otherwise: Value, expected: string): Value {
    const value = this.optional(name);
    if (value === undefined) return otherwise;
    try {
      return parse(value);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.faults.push(`${name}: expected ${expected}; ${error.message}`);
      return otherwise;
    }
  }

  oneOf<const Value extends string>(name: string, values: readonly Value[], otherwise: Value): Value {
    const value = this.optional(name) ?? otherwise;
    return values.find((each) => each === value) ?? this.#fault(name, value, `one of ${values.join(', ')}`, otherwise);
  }

  integer(name: string, otherwise: number, { min, max }: { min: number; max: number }): number {
    const value = this.optional(name) ?? String(otherwise);
    const number = /^[0-9]{1,12}$/.test(value) ? Number(value) : NaN;
    if (number >= min && number <= max) return number;
    return this.#fault(name, value, `a whole number from ${min} to ${max}`, otherwise);
  }

  /** In seconds; written as a number and a unit: `90s`, `15m`, `12h`, `30d`. */
  duration(name: string, otherwise: string, { min = 1, max = longest }: { min?: number; max?: number } = {}): number {
    const value = this.optional(name) ?? otherwise;
    const seconds = parseDuration(value);
    if (seconds >= min && seconds <= max) return seconds;
    return this.#fault(
      name,
      value,
      `a duration from ${min}s to ${max === longest ? '3650d' : `${max}s`}, such as 90s, 15m, 12h or 30d`,
      parseDuration(otherwise),
    );
  }

  /** An http or https URL. */
  url(name: string): string | undefined {
    const value = this.optional(name);
    if (value === undefined || /^https?:$/.test(URL.parse(value)?.protocol ?? '')) return value;
    this.#fault(name, value, 'an http or https URL', undefined);
    return undefined;
  }

  /** A URL of one of the schemes, with no more than a path behind the host and port. */
  issuer(name: string, otherwise: string | undefined, schemes: readonly string[] = ['http:', 'https:']): string {
    const value = this.optional(name) ?? otherwise;
    const how = schemes.length === 1 ? `, ${schemes.join().slice(0, -1)} and` : ',';
    const expected = `the public URL of this server${how} with no slash at its end: https://tokens.example.com, https://example.com/auth`;
    if (value === undefined) return this.#fault(name, '', expected, 'http://localhost');
    return parseIssuer(value, schemes) ?? this.#fault(name, value, expected, 'http://localhost');
  }

  #fault<Value>(name: string, value: string, expected: string, standIn: Value): Value {
    this.faults.push(`${name}: expected ${expected}; ${value === '' ? 'it is not set' : `found ${shown(value)}`}`);
    return standIn;
  }
}

const notShown = 'a value that is not shown, since it may hold a password';

/**
 * A URL may carry a password, which must not reach a terminal or a log; so may a value of another setting, put here by
 * mistake.
 */
function shown(value: string): string {
  const mayHoldSecret = /@|(?:pass\w*|pwd|secret|token|key)\W{0,3}[=:]/i.test(value);
  return mayHoldSecret ? notShown : JSON.stringify(value);
}

/** In seconds; NaN for what is not a duration. */
export function parseDuration(text: string): number {
  const [, count, unit] = /^([0-9]{1,9})([smhd])$/.exec(text) ?? [];
  return count === undefined ? NaN : Number(count) * secondsPer[unit as keyof typeof secondsPer];
}
