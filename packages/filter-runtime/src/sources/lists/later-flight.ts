/**
 * Runs once for all who call while it waits its turn. Who calls while it runs gets the next run, not this one: the
 * result is never from before the call.
 *
 * @param run never rejects; the argument is that of the first who called.
 */
export function laterFlight<A, T>(run: (argument: A) => Promise<T>): (argument: A) => Promise<T> {
  let running: Promise<unknown> | undefined;
  let next: Promise<T> | undefined;

  const begin = async (argument: A): Promise<T> => {
    next = undefined;
    const flight = run(argument);
    running = flight;
    const result = await flight;
    if (running === flight) running = undefined;
    return result;
  };

  return (argument) => {
    if (running === undefined) return begin(argument);
    next ??= running.then(() => begin(argument));
    return next;
  };
}
