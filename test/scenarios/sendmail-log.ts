/** What Sendmail 8.17.1 says of a milter that does its part (milter.c, at LogLevel 14 and Milter.LogLevel 22). */
const usual: readonly RegExp[] = [
  /^Milter: connect to filters$/,
  /^Milter \(\w+\): init success to negotiate$/,
  /^Milter \(\w+\): time command \(\w\), \d+$/,
  /^Milter \(\w+\): (?:quit|abort) filter$/,
  /^Milter \(\w+\): (?:headers|body), sen[dt]$/,
  /^Milter \(\w+\): header, /,
  /^Milter \(\w+\) insert \(0\): header: /,
  /^Milter \(\w+\) delete: header /,
  /^Milter: (?:sender|rcpts): /,
  /^Milter accept: message$/,
  /^milter=\w+, action=\w+, (?:continue|skip|reject=[45]\d\d )/,
  /^milter=\w+, reject=[45]\d\d /,
  /^Milter: (?:to|from|helo|data|cmd)[=,].*reject=[45]\d\d /,
];

/** All else that it says of milters: that it could not reach one, did not understand it, or waited in vain. */
export function milterComplaints(log: readonly string[]): readonly string[] {
  return log
    .map((line) => line.replace(/^.*? sendmail\[\d+\]: (?:(?:\w{14}|NOQUEUE): )?/, ""))
    .filter((line) => /^\S*milter/i.test(line) && !usual.some((pattern) => pattern.test(line)));
}
