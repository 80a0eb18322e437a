/** As the contract says; it is not filled in for a request without a query. */
export const usualLimit = 50;

type Page<Item> = { readonly items: Item[]; readonly next: { readonly next_cursor?: string } };

/** The page of at most `limit` out of what was `found`: one more than that, where there is another page. */
export function pageOf<Item>(found: readonly Item[], limit: number, cursorOf: (last: Item) => string): Page<Item> {
  const items = found.slice(0, limit);
  const last = found.length > limit ? items.at(-1) : undefined;
  return { items, next: last === undefined ? {} : { next_cursor: cursorOf(last) } };
}
