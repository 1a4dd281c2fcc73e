import { unreachable } from "@postern/smtp-filter";
import type { Command, Peer } from "./command.ts";
import { letterOf } from "./stage.ts";
import { type Field, frame, nulEnded } from "./writer.ts";

/** Encodes a command as an MTA sends it, length field included (SMFIC_* of mfdef.h). */
export function encodeCommand(command: Command): Uint8Array {
  switch (command.kind) {
    case "negotiate":
      return frame("O", command.version, command.actions, command.protocol);
    case "macros":
      return frame(
        "D",
        command.stage === null ? "?" : letterOf(command.stage),
        ...command.macros.flat().map(nulEnded),
      );
    case "connect":
      return frame("C", nulEnded(command.hostname), ...peerFields(command.peer));
    case "helo":
      return frame("H", nulEnded(command.name));
    case "mail":
      return frame("M", nulEnded(command.from), ...command.parameters.map(nulEnded));
    case "rcpt":
      return frame("R", nulEnded(command.to), ...command.parameters.map(nulEnded));
    case "data":
      return frame("T");
    case "header":
      return frame("L", command.name, "\0", command.value, "\0");
    case "end-of-headers":
      return frame("N");
    case "body":
      return frame("B", command.chunk);
    case "end-of-message":
      return frame("E", command.chunk);
    case "unknown":
      return frame("U", nulEnded(command.line));
    case "abort":
      return frame("A");
    case "quit":
      return frame("Q");
    case "quit-new-connection":
      return frame("K");
    default:
      return unreachable(command);
  }
}

function peerFields(peer: Peer): readonly Field[] {
  switch (peer.family) {
    case "inet":
      return ["4", uint16(peer.port), nulEnded(peer.address)];
    case "inet6":
      return ["6", uint16(peer.port), nulEnded(peer.address)];
    case "unix":
      return ["L", uint16(0), nulEnded(peer.path)];
    case "unknown":
      return ["U"];
    default:
      return unreachable(peer);
  }
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}
