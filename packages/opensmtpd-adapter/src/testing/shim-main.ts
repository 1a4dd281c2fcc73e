import { type ServeFilterOptions, serveFilter } from "../shim.ts";

/** The process that a test's smtpd starts: options as JSON in the first argument. */
const options = JSON.parse(process.argv[2] ?? "{}") as Partial<ServeFilterOptions>;
const modulePath = new URL("./engine-main.ts", import.meta.url);
serveFilter({ ...options, engine: { modulePath, ...options.engine } });
