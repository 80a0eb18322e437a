/** A bigint as a number, where there is one for it; anything else as it is. */
export function numberOr<Value>(value: Value): Value | number {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
