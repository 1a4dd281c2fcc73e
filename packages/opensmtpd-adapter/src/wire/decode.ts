import { decodeEvent } from "./decode-event.ts";
import { splitFields, splitFieldsFromRight } from "./fields.ts";
import type { Line, Phase } from "./line.ts";

/**
 * Decodes a line of smtpd, given as latin1, without its LF. Never throws. Fields that a later version adds at the end
 * are ignored, missing ones are empty; only the session and the token of a request must be there, as nothing can be
 * answered without.
 */
export function decodeLine(text: string): Line {
  const [kind = "", rest = ""] = splitFields(text, 2);
  switch (kind) {
    case "config": {
      const [key = "", value = ""] = splitFields(rest, 2);
      return { kind: "config", key, value };
    }
    case "report":
      return decodeReport(rest);
    case "filter":
      return decodeRequest(rest);
    default:
      return { kind: "unreadable", why: "no line of config, report or filter" };
  }
}

function decodeReport(text: string): Line {
  const [version = "", , subsystem = "", name = "", session = "", payload = ""] = splitFields(
    text,
    6,
  );
  if (session === "") return { kind: "unreadable", why: "a report of no session" };
  const event = decodeEvent(name, payload, version);
  return { kind: "report", version, subsystem, session, event };
}

function decodeRequest(text: string): Line {
  const [version = "", , subsystem = "", name = "", session = "", token = "", payload = ""] =
    splitFields(text, 7);
  if (session === "" || token === "")
    return { kind: "unreadable", why: "a request without session or token" };
  const phase = decodePhase(name, payload);
  return { kind: "request", version, subsystem, session, token, phase };
}

function decodePhase(name: string, payload: string): Phase {
  switch (name) {
    case "connect": {
      const [reverseName = "", source = ""] = splitFieldsFromRight(payload, 2);
      return { kind: name, reverseName, source };
    }
    case "helo":
    case "ehlo":
      return { kind: name, identity: payload };
    case "mail-from":
    case "rcpt-to":
      return { kind: name, address: payload };
    case "data":
    case "commit":
      return { kind: name };
    default:
      return { kind: "other", name };
  }
}
