/** Adds an item to its group, which comes into being with its first. */
export function add<T>(groups: Map<string, Set<T>>, key: string, item: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, new Set([item]));
  else group.add(item);
}

/** Removes an item, and the group with its last. */
export function remove<T>(groups: Map<string, Set<T>>, key: string, item: T): void {
  const group = groups.get(key);
  group?.delete(item);
  if (group?.size === 0) groups.delete(key);
}
