import type { HostileMessage } from "./hostile-samples.ts";
import { AUTHSERV_ID, message, VICTIM } from "./hostile-samples.ts";
import { type Field, partsOf } from "./parts.ts";

const CLAIM = `dkim=pass header.d=${VICTIM}; dmarc=pass header.from=${VICTIM}`;
const NAME = "Authentication-Results";
const ESCAPED = AUTHSERV_ID.replace("x", "\\x");

/** Ways to write a field that some reader takes for one of {@link AUTHSERV_ID} (RFC 8601 section 2.2). */
const FORGED: readonly Field[] = [
  [NAME, ` ${AUTHSERV_ID}; ${CLAIM}`],
  [NAME, ` ${AUTHSERV_ID.toUpperCase()}; ${CLAIM}`],
  [NAME, `${AUTHSERV_ID};${CLAIM}`],
  [NAME, `\r\n\t${AUTHSERV_ID};\r\n\t${CLAIM}`],
  [NAME, ` (a comment) ${AUTHSERV_ID}; ${CLAIM}`],
  [NAME, ` (one (in \\) one)) \r\n (two) ${AUTHSERV_ID} (three); ${CLAIM}`],
  [NAME, ` "${AUTHSERV_ID}"; ${CLAIM}`],
  [NAME, ` "${ESCAPED}"; ${CLAIM}`],
  [NAME, ` ${AUTHSERV_ID}.; ${CLAIM}`],
  [NAME, ` ${AUTHSERV_ID} 1; ${CLAIM}`],
  [NAME, ` ${AUTHSERV_ID} (version) 1 (indeed); ${CLAIM}`],
  [NAME, ` ${AUTHSERV_ID}`],
  [NAME, ` ${AUTHSERV_ID} ${CLAIM}`],
  [NAME, ` =${AUTHSERV_ID}; ${CLAIM}`],
  [NAME, ` (never closed ${AUTHSERV_ID}; ${CLAIM}`],
  [NAME, ` "never closed ${AUTHSERV_ID}; ${CLAIM}`],
  [NAME.toLowerCase(), ` ${AUTHSERV_ID}; ${CLAIM}`],
  [NAME.toUpperCase(), `\t${AUTHSERV_ID} ; ${CLAIM}`],
  [`${NAME} `, ` ${AUTHSERV_ID}; ${CLAIM}`],
];

const COUNT = 1_000;

export const resultsMessages: readonly HostileMessage[] = [
  {
    id: "results.1000-forged",
    description: `1,000 Authentication-Results fields of ${AUTHSERV_ID} in ${FORGED.length} shapes, 100 of another host between them, which stay`,
    mustNotPass: ["dkim", "dmarc"],
    forgedResults: COUNT,
    make: () => {
      const { headers, body } = partsOf(message("Hi\r\n"));
      const fields = Array.from({ length: COUNT }, (_, at): readonly Field[] => {
        const forged = FORGED[at % FORGED.length] ?? [NAME, ""];
        return at % 10 === 9 ? [forged, [NAME, " elsewhere.example; none"]] : [forged];
      });
      return { headers: [...fields.flat(), ...headers], body };
    },
  },
];
