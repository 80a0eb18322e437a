const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** Seconds for people, in a unit and the next smaller one: `29d 23h`, `17m 11s`, `1h`. What is left over is cut off. */
export function formatDuration(seconds: number): string {
  const place = units.findIndex(([, size]) => seconds >= size);
  const [large, small] = units.slice(place < 0 ? units.length - 1 : place);
  if (large === undefined) return '0s';
  const count = Math.floor(seconds / large[1]);
  const rest = small === undefined ? 0 : Math.floor((seconds % large[1]) / small[1]);
  return `${count}${large[0]}${small === undefined || rest === 0 ? '' : ` ${rest}${small[0]}`}`;
}

/** How far `at` is from `now`: `in 29d 23h`, `now`, `5m ago`. */
export function formatDistance(at: number, now: number): string {
  if (at === now) return 'now';
  return at > now ? `in ${formatDuration(at - now)}` : `${formatDuration(now - at)} ago`;
}
