import { type Row, rows } from "./row.ts";

/** Access lines that the first edition did not see. */
const missed = rows(
  "dynamic",
  `
198.18.37.142  p4142-ipbf1205souka.saitama.ocn.ne.jp
203.0.113.77   p770113-ipxg00a01marunouchi.tokyo.ocn.ne.jp
192.0.2.146    s010600fc8d12a4b7.vc.shawcable.net
198.51.100.23  s0106f8a097de4c52.cg.shawcable.net
198.51.100.23  ftip2146.isp-a.example
203.0.113.77   mobile-c1efb8-41.rev.dnainternet.fi
198.18.37.142  host86-140.range86-128.btcentralplus.com
192.0.2.146    net12-34.isp-b.example
203.0.113.77   cablelink56-78.isp-c.example
198.19.201.66  c201-66.i02-12.onvol.net
198.18.37.142  ol142-37.fibertel.com.ar
203.0.113.77   pcd077113.netvigator.com
`,
);

/** Hosters and business lines that the first edition called dynamic. */
const hosters = rows(
  "static",
  `
192.0.2.146    192-0-2-146-host.colocrossing.com
198.18.37.142  ip142.ip-198-18-37.eu
198.18.37.142  ip142.ip-198-18-37.us
192.0.2.146    146.2.0.192.bc.googleusercontent.com
203.0.113.77   203-0-113-77.staticrdns.hosting-a.example
198.51.100.23  198-51-100-23.hinet-ip.hinet.net
192.0.2.146    unassigned-192-0-2-146.hosting-b.example
`,
);

/** Servers whose names are hexadecimal, and hold words by chance. */
const servers = rows(
  "mail",
  `
192.0.2.146    c09224bb.esp-a.example
203.0.113.77   9ded41f0.esp-a.example
198.51.100.23  e4dsl0.esp-b.example
`,
);

export const secondEdition: readonly Row[] = [...missed, ...hosters, ...servers];
