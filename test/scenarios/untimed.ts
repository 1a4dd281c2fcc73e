/** A line of the log without the time that it ends in where nobody else adds one. */
export function untimed(line: string): string {
  return line.replace(/ time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, "");
}
