import { parseDomain, parseIpAddress } from "@postern/smtp-filter";
import { recognizeGenericName } from "../../packages/filter-core/src/rules/generic-name.ts";
import type { Expected, Row } from "./row.ts";
import { shippedShapes } from "./shipped-shapes.ts";

/**
 * What recognition may not fall below, on each of the tables: the part of the lines that is found, and the part of the mail
 * servers' names, static ones among them, that is called dynamic.
 */
export const FLOOR = { linesFound: 0.97, mailCalledDynamic: 0.005 };

const SHAPES = shippedShapes();

export interface Score {
  /** How many names of a kind (first key) were taken for what (second key). */
  readonly confusion: Readonly<Record<Expected, Readonly<Record<Expected, number>>>>;
  /** The part of the lines' names that was recognized as generic. */
  readonly linesFound: number;
  /** The part of all other names that was called dynamic. */
  readonly mailCalledDynamic: number;
  /** Mail servers that were taken for lines or nameless machines. */
  readonly mailTakenForLines: readonly Answer[];
  /** Generic names that were not recognized. */
  readonly missed: readonly Answer[];
  /** Generic names that were recognized as the other kind. */
  readonly otherKind: readonly Answer[];
}

interface Answer extends Row {
  readonly got: Expected;
  readonly reason: string;
}

/** Asks for each name of a table. @throws {RangeError} if a row holds no name or no address, or stands twice. */
export function scoreOf(table: readonly Row[]): Score {
  const seen = new Set<string>();
  const answers = table.map((row) => {
    const key = `${row.address} ${row.name}`;
    if (seen.has(key)) throw new RangeError(`Cannot count a row twice: ${key}`);
    seen.add(key);
    return answerTo(row);
  });
  const count = (expected: Expected, got: Expected) =>
    answers.filter((answer) => answer.expected === expected && answer.got === got).length;
  const of = (expected: Expected) =>
    answers.filter((answer) => answer.expected === expected).length;
  const rowOf = (expected: Expected) => ({
    mail: count(expected, "mail"),
    static: count(expected, "static"),
    dynamic: count(expected, "dynamic"),
  });
  const generic = answers.filter(({ expected }) => expected !== "mail");
  const missed = generic.filter(({ got }) => got === "mail");
  return {
    confusion: { mail: rowOf("mail"), static: rowOf("static"), dynamic: rowOf("dynamic") },
    linesFound: 1 - count("dynamic", "mail") / of("dynamic"),
    mailCalledDynamic:
      (count("mail", "dynamic") + count("static", "dynamic")) / (of("mail") + of("static")),
    mailTakenForLines: answers.filter(({ expected, got }) => expected === "mail" && got !== "mail"),
    missed,
    otherKind: generic.filter(({ expected, got }) => got !== "mail" && got !== expected),
  };
}

/** Whether a score is good enough. */
export function reachesFloor(score: Score): boolean {
  return score.linesFound >= FLOOR.linesFound && score.mailCalledDynamic <= FLOOR.mailCalledDynamic;
}

function answerTo(row: Row): Answer {
  const name = parseDomain(row.name);
  const address = parseIpAddress(row.address);
  if (name === undefined || address === undefined)
    throw new RangeError(`Cannot read the row: ${row.address} ${row.name}`);
  const generic = recognizeGenericName(name, address, SHAPES);
  return { ...row, got: generic?.kind ?? "mail", reason: generic?.reason ?? "looks like a server" };
}
