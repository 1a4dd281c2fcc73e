import type { HostileMessage } from "./hostile-samples.ts";
import { ATTACKER, message, signedByAttacker, signedByVictim, VICTIM } from "./hostile-samples.ts";
import { type Field, type MailParts, partsOf, textBody } from "./parts.ts";

const LINES = "One\r\nTwo\r\n";

/** The body of a message that was signed with CRLF arrives with other line ends. */
function arrived(id: string, description: string, body: string): HostileMessage {
  return {
    id: `line-end.${id}`,
    description,
    mustNotPass: ["dkim", "dmarc"],
    make: () => ({ ...partsOf(signedByVictim(message(LINES))), body: textBody(body) }),
  };
}

/** The Subject of a signed message gets a second From behind a line end that is none, above the signed From. */
function hidden(id: string, description: string, lineEnd: string): HostileMessage {
  const make = (): MailParts => {
    const text = `Subject: Hello\r\n${message(LINES, { From: `x@${ATTACKER}`, Subject: null })}`;
    const { headers, body } = partsOf(signedByAttacker(text));
    const changed = headers.map(
      ([name, value]): Field =>
        name === "Subject" ? [name, `${value}${lineEnd}From: admin@${VICTIM}`] : [name, value],
    );
    return { headers: changed, body };
  };
  return { id: `line-end.${id}`, description, mustNotPass: ["dkim", "dmarc"], make };
}

/** Only a reader that repairs line ends finds these signatures good. */
export const lineEndMessages: readonly HostileMessage[] = [
  arrived("lf-in-body", "Bare LFs in a body that was signed with CRLF", "One\nTwo\r\n"),
  arrived("lf-only-in-body", "Nothing but LFs in a body that was signed with CRLF", "One\nTwo\n"),
  arrived("cr-in-body", "A bare CR in a body that was signed with CRLF", "One\rTwo\r\n"),
  arrived("cr-cr-lf-in-body", "CRCRLF in a body that was signed with CRLF", "One\r\r\nTwo\r\n"),
  arrived("nul-in-body", "A NUL in a body that was signed without", "One\r\n\0Two\r\n"),
  arrived("smuggled", "A second message after LF.CRLF", `${LINES}\n.\r\nMAIL FROM:<a@b.c>\r\n`),
  hidden("lf-in-header", "A second From behind a bare LF in Subject", "\n"),
  hidden("cr-in-header", "A second From behind a bare CR in Subject", "\r"),
  hidden("cr-cr-lf-in-header", "A second From behind CRCRLF in Subject", "\r\r\n"),
  hidden("nul-in-header", "A second From behind a NUL in Subject", "\0"),
  hidden("ls-in-header", "A second From behind U+2028 in Subject", "\xe2\x80\xa8"),
];
