import type { Scenario } from "../scenario.ts";
import { accepted, honestCells, type Row } from "./base.ts";

/** Of the mail servers themselves none is played with TLS: the SMTP client of the tests has none. */
const NO_TLS =
  "n/a: the SMTP client of the tests speaks no TLS; the same facts come by the milter client";

const cells: Scenario["cells"] = {
  ...honestCells,
  postfix: NO_TLS,
  sendmail: NO_TLS,
  exim: NO_TLS,
  eximBh: NO_TLS,
  notqmail: NO_TLS,
};

/** Whether the client encrypts where it can. */
export const tlsRows: readonly Row[] = [
  {
    id: "tls-used",
    client: { ip: "192.0.2.1", tls: "used" },
    cells,
    expect: {
      ...accepted,
      headers: [/debt=0 credit=0 rules=-/],
      log: { stage: "message", action: "accept", rule: "-", debt: "0" },
    },
  },
  {
    id: "tls-unused",
    client: { ip: "192.0.2.1", tls: "unused" },
    cells,
    expect: {
      ...accepted,
      headers: [/debt=2 credit=0 rules=tls\.none/],
      log: { stage: "message", action: "accept", rule: "-", debt: "2" },
    },
  },
];
