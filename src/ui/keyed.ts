/** Items with a key each, made of what they say: the same words a second time get a number. */
export function keyed<Item>(
  items: readonly Item[],
  sayingOf: (item: Item) => string,
): readonly { readonly key: string; readonly item: Item }[] {
  const seen = new Map<string, number>();
  return items.map((item) => {
    const saying = sayingOf(item);
    const times = (seen.get(saying) ?? 0) + 1;
    seen.set(saying, times);
    return { key: times === 1 ? saying : `${saying} ${times}`, item };
  });
}
