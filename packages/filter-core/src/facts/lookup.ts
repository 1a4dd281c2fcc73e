/**
 * The outcome of looking something up: a value, its absence, or "could not look".
 * The last is never evidence.
 */
export type Lookup<T> =
  | { readonly status: "found"; readonly value: T }
  | { readonly status: "none" }
  | { readonly status: "temperror"; readonly detail: string };
