import { type MacroList, STAGE_OF_NUMBER } from "./negotiate.ts";
import { ProtocolError } from "./protocol-error.ts";
import { Reader } from "./reader.ts";
import { parseReplyText } from "./reply-text.ts";
import type { Response } from "./response.ts";

/**
 * Decodes one packet of a filter (letter and payload, without the length), as strictly as Postfix does.
 *
 * @throws {ProtocolError} if the letter is unknown or a byte is missing or left over.
 */
export function decodeResponse(packet: Uint8Array): Response {
  const reader = new Reader(packet);
  const response = decodeBody(reader);
  reader.end();
  return response;
}

function decodeBody(reader: Reader): Response {
  const letter = String.fromCharCode(reader.uint8());
  switch (letter) {
    case "c":
      return { kind: "continue" };
    case "a":
      return { kind: "accept" };
    case "r":
      return { kind: "reject" };
    case "t":
      return { kind: "tempfail" };
    case "d":
      return { kind: "discard" };
    case "s":
      return { kind: "skip" };
    case "p":
      return { kind: "progress" };
    case "4":
      return { kind: "shutdown" };
    case "f":
      return { kind: "connection-failed" };
    case "y":
      return decodeReply(reader);
    case "h":
      return { kind: "add-header", name: reader.string(), value: reader.string() };
    case "i":
      return {
        kind: "insert-header",
        index: reader.uint32(),
        name: reader.string(),
        value: reader.string(),
      };
    case "m":
      return {
        kind: "change-header",
        ordinal: reader.uint32(),
        name: reader.string(),
        value: reader.string(),
      };
    case "b":
      return { kind: "replace-body", chunk: reader.rest() };
    case "+":
      return { kind: "add-recipient", address: reader.string() };
    case "2":
      return {
        kind: "add-recipient-with-parameters",
        address: reader.string(),
        parameters: optionalString(reader),
      };
    case "-":
      return { kind: "delete-recipient", address: reader.string() };
    case "e":
      return {
        kind: "change-sender",
        address: reader.string(),
        parameters: optionalString(reader),
      };
    case "q":
      return { kind: "quarantine", reason: reader.string() };
    case "O":
      return decodeNegotiated(reader);
    default:
      throw new ProtocolError(
        `Cannot decode response 0x${letter.charCodeAt(0).toString(16)}: not an SMFIR code`,
      );
  }
}

function decodeReply(reader: Reader): Response {
  const text = reader.string();
  const reply = parseReplyText(text);
  if (reply !== undefined) return reply;
  throw new ProtocolError(`Cannot decode reply ${JSON.stringify(text.slice(0, 80))}: malformed`);
}

/** Postfix and sendmail take the parameters for absent when the string is. */
function optionalString(reader: Reader): string | null {
  return reader.left === 0 ? null : reader.string();
}

/** Lists for stages nobody knows are dropped, as Postfix does. */
function decodeNegotiated(reader: Reader): Response {
  const [version, actions, protocol] = [reader.uint32(), reader.uint32(), reader.uint32()];
  const macroLists: MacroList[] = [];
  while (reader.left > 0) {
    const stage = STAGE_OF_NUMBER.get(reader.uint32());
    const names = reader
      .string()
      .split(/[ ,]+/)
      .filter((name) => name !== "");
    if (stage !== undefined) macroLists.push({ stage, names });
  }
  return { kind: "negotiate", version, actions, protocol, macroLists };
}
