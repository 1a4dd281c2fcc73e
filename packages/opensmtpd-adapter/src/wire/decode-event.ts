import { splitFields, splitFieldsFromRight } from "./fields.ts";
import type { ReportEvent, TransactionResult } from "./line.ts";
import { fieldOrder } from "./version.ts";

/**
 * Decodes the payload of a report. There is no escaping: only the field that may hold bars keeps them, and which one
 * that is depends on the version.
 */
export function decodeEvent(name: string, payload: string, version: string): ReportEvent {
  switch (name) {
    case "link-connect": {
      // From the right: a reverse name may hold anything.
      const [reverseName = "", fcrdns, source = "", destination = ""] = splitFieldsFromRight(
        payload,
        4,
      );
      return { kind: name, reverseName, fcrdns: passFailError(fcrdns), source, destination };
    }
    case "link-greeting":
      return { kind: name, hostname: payload };
    case "link-identify": {
      const [method = "", identity = ""] = splitFields(payload, 2);
      return { kind: name, method, identity };
    }
    case "link-tls":
      return { kind: name, tls: payload };
    case "link-auth":
      return { kind: name, ...login(payload, version) };
    case "link-disconnect":
    case "timeout":
      return { kind: name };
    case "tx-mail":
    case "tx-rcpt":
      return { kind: name, ...addressed(payload, version) };
    case "tx-envelope": {
      const [message = "", envelope = ""] = splitFields(payload, 3);
      return { kind: name, message, envelope };
    }
    case "tx-data": {
      const [message = "", result] = splitFields(payload, 3);
      return { kind: name, message, result: transactionResult(result) };
    }
    case "tx-commit": {
      const [message = "", size = ""] = splitFields(payload, 3);
      return { kind: name, message, size };
    }
    case "tx-begin":
    case "tx-rollback":
    case "tx-reset": {
      const [message = ""] = splitFields(payload, 2);
      return { kind: name, message };
    }
    default:
      return { kind: "other", name };
  }
}

function login(
  payload: string,
  version: string,
): { readonly result: "pass" | "fail" | "error"; readonly user: string } {
  if (fieldOrder(version).loginResult === "first") {
    const [result, user = ""] = splitFields(payload, 2);
    return { result: passFailError(result), user };
  }
  const [user = "", result] = splitFieldsFromRight(payload, 2);
  return { result: passFailError(result), user };
}

function addressed(
  payload: string,
  version: string,
): { readonly message: string; readonly result: TransactionResult; readonly address: string } {
  if (fieldOrder(version).transactionResult === "before-address") {
    const [message = "", result, address = ""] = splitFields(payload, 3);
    return { message, result: transactionResult(result), address };
  }
  const [message = "", rest = ""] = splitFields(payload, 2);
  const [address = "", result] = splitFieldsFromRight(rest, 2);
  return { message, result: transactionResult(result), address };
}

/** An unreadable result does not count as success. */
function transactionResult(text: string | undefined): TransactionResult {
  return text === "ok" || text === "permfail" ? text : "tempfail";
}

function passFailError(text: string | undefined): "pass" | "fail" | "error" {
  return text === "pass" || text === "fail" ? text : "error";
}
