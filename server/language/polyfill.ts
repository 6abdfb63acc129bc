/**
 * Langium's parser groups with `Object.groupBy`, which Node 20, the oldest we run on, has not. To be imported before Langium is.
 */
type GroupBy = <T>(items: Iterable<T>, key: (item: T, index: number) => PropertyKey) => Record<PropertyKey, T[]>;
const withGroups = Object as unknown as { groupBy?: GroupBy };

withGroups.groupBy ??= (items, key) => {
  const groups: Record<PropertyKey, unknown[]> = Object.create(null);
  let i = 0;
  for (const item of items) (groups[key(item, i++)] ??= []).push(item);
  return groups as never;
};
