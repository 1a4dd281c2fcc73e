import { join } from "node:path";

/**
 * The start of a shell script inside mtans: what is written to syslog from here on is printed, until
 * the process ends that the script becomes.
 */
export const catchSyslog: string = `
'${join(import.meta.dirname, "devlog")}' $$ &
while ! [ -S /run/devlog ]; do sleep 0.01; done
`;
