import { InvalidArgumentError } from 'commander';

/** Reads an option such as `--limit <n>`. */
export function toCount(text: string): number {
  const count = /^[0-9]{1,6}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new InvalidArgumentError('It is a whole number from 1 on.');
  return count;
}
