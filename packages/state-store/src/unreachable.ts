/** Ends a switch over a closed union: adding a kind fails to compile here. */
export function unreachable(value: never): never {
  throw new TypeError(`Cannot happen: ${JSON.stringify(value)}`);
}
