import fc from "fast-check";
import type { Command, Macro, Peer } from "../src/wire/command.ts";
import { type MacroStage, STAGE_NUMBERS } from "../src/wire/negotiate.ts";
import type { Response } from "../src/wire/response.ts";
import { STAGE_LETTERS } from "../src/wire/stage.ts";

const word = fc.integer({ min: 0, max: 0xffffffff });

/** Text as the protocol can carry it: one byte a character, no NUL. */
const byteText: fc.Arbitrary<string> = fc
  .array(fc.integer({ min: 1, max: 255 }), { maxLength: 12 })
  .map((codes) => String.fromCharCode(...codes));

const byteString: fc.Arbitrary<Uint8Array> = byteText.map(
  (text) => new Uint8Array(Buffer.from(text, "latin1")),
);

const peer: fc.Arbitrary<Peer> = fc.oneof(
  fc.constant<Peer>({ family: "unknown" }),
  byteText.map((path): Peer => ({ family: "unix", path })),
  fc
    .tuple(fc.constantFrom("inet" as const, "inet6" as const), fc.nat({ max: 0xffff }), byteText)
    .map(([family, port, address]): Peer => ({ family, port, address })),
);

const macro: fc.Arbitrary<Macro> = fc.tuple(byteText, byteText);
const chunk = fc.uint8Array({ maxLength: 40 });

/** Any command an MTA could send. */
export function commands(): fc.Arbitrary<Command> {
  return fc.oneof(
    fc.tuple(word, word, word).map(
      ([version, actions, protocol]): Command => ({
        kind: "negotiate",
        version,
        actions,
        protocol,
      }),
    ),
    fc
      .tuple(fc.constantFrom(...STAGE_LETTERS.map(([stage]) => stage)), fc.array(macro))
      .map(([stage, macros]): Command => ({ kind: "macros", stage, macros })),
    fc.tuple(byteText, peer).map(
      ([hostname, p]): Command => ({
        kind: "connect",
        hostname,
        peer: p,
      }),
    ),
    byteText.map((name): Command => ({ kind: "helo", name })),
    fc.tuple(byteText, fc.array(byteText)).map(
      ([from, parameters]): Command => ({
        kind: "mail",
        from,
        parameters,
      }),
    ),
    fc.tuple(byteText, fc.array(byteText)).map(
      ([to, parameters]): Command => ({
        kind: "rcpt",
        to,
        parameters,
      }),
    ),
    fc.tuple(byteString, byteString).map(
      ([name, value]): Command => ({
        kind: "header",
        name,
        value,
      }),
    ),
    chunk.map((bytes): Command => ({ kind: "body", chunk: bytes })),
    chunk.map((bytes): Command => ({ kind: "end-of-message", chunk: bytes })),
    byteText.map((line): Command => ({ kind: "unknown", line })),
    fc.constantFrom<Command>(
      { kind: "data" },
      { kind: "end-of-headers" },
      { kind: "abort" },
      { kind: "quit" },
      { kind: "quit-new-connection" },
    ),
  );
}

const fieldName = fc.stringMatching(/^[!-9;-~]{1,12}$/);
const fieldValue = fc.stringMatching(/^[ -~]{0,20}(\n[ \t][!-~]{1,10}){0,2}$/);
const replyLine = fc.stringMatching(/^([A-Za-z%][ -~]{0,30})?$/);
const macroName = fc.stringMatching(/^(\{[a-z_]{2,12}\}|[a-z])$/);

/** Any response a filter could send, in the form it has after cleaning. */
export function responses(): fc.Arbitrary<Response> {
  return fc.oneof(
    fc.constantFrom<Response>(
      { kind: "continue" },
      { kind: "accept" },
      { kind: "reject" },
      { kind: "tempfail" },
      { kind: "discard" },
      { kind: "skip" },
      { kind: "progress" },
      { kind: "shutdown" },
      { kind: "connection-failed" },
    ),
    fc
      .tuple(
        fc.integer({ min: 400, max: 599 }),
        fc.boolean(),
        fc.array(replyLine, { minLength: 1, maxLength: 4 }),
      )
      .map(
        ([code, isEnhanced, lines]): Response => ({
          kind: "reply",
          code,
          enhanced: isEnhanced ? `${Math.floor(code / 100)}.7.1` : null,
          lines,
        }),
      ),
    fc.tuple(fieldName, fieldValue).map(
      ([name, value]): Response => ({
        kind: "add-header",
        name,
        value,
      }),
    ),
    fc.tuple(word, fieldName, fieldValue).map(
      ([index, name, value]): Response => ({
        kind: "insert-header",
        index,
        name,
        value,
      }),
    ),
    fc.tuple(word, fieldName, fieldValue).map(
      ([ordinal, name, value]): Response => ({
        kind: "change-header",
        ordinal,
        name,
        value,
      }),
    ),
    chunk.map((bytes): Response => ({ kind: "replace-body", chunk: bytes })),
    byteText.map((address): Response => ({ kind: "add-recipient", address })),
    byteText.map((address): Response => ({ kind: "delete-recipient", address })),
    fc.tuple(byteText, byteText).map(
      ([address, parameters]): Response => ({
        kind: "add-recipient-with-parameters",
        address,
        parameters,
      }),
    ),
    fc.tuple(byteText, byteText).map(
      ([address, parameters]): Response => ({
        kind: "change-sender",
        address,
        parameters,
      }),
    ),
    byteText.map((reason): Response => ({ kind: "quarantine", reason })),
    fc
      .tuple(
        word,
        word,
        word,
        fc.array(
          fc.tuple(
            fc.constantFrom(...(Object.keys(STAGE_NUMBERS) as MacroStage[])),
            fc.array(macroName, { maxLength: 4 }),
          ),
        ),
      )
      .map(
        ([version, actions, protocol, lists]): Response => ({
          kind: "negotiate",
          version,
          actions,
          protocol,
          macroLists: lists.map(([stage, names]) => ({ stage, names })),
        }),
      ),
  );
}
