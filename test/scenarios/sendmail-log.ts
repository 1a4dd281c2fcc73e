/**
 * What Sendmail says against a milter: that it could not reach it, did not understand it, or waited in vain. In the
 * words of 8.17.1 (milter.c).
 */
export function milterComplaints(log: readonly string[]): readonly string[] {
  return log.filter(
    (line) =>
      /error state|timeout|bogus response|lied about|negotiate: |returned -?\d+|socket (?:closed|not ready)|failed to|error connecting|unsafe|out of range|valid info|enough info|expecting \d+|no active filter|impossible state/i.test(
        line.replace(/^.*?: /, ""),
      ) && /milter/i.test(line),
  );
}
