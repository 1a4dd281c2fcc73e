import { FLOOR, reachesFloor, type Score, scoreOf } from "./score.ts";
import { heldOut, table } from "./table.ts";

/** `npm run measure:names`: how well generic reverse names are recognized. Exits 1 below the floor. */
const scores = { "the table": scoreOf(table), "held out": scoreOf(heldOut) };
process.stdout.write(Object.entries(scores).map(describe).join("\n"));
process.stdout.write(
  `\nbounds: lines found at least ${percent(FLOOR.linesFound)}, mail servers called dynamic at most ${percent(FLOOR.mailCalledDynamic)}\n`,
);
process.exitCode = Object.values(scores).every(reachesFloor) ? 0 : 1;

function describe([title, score]: readonly [string, Score]): string {
  const lines = [
    `${title}`,
    "",
    "  expected      mail  static dynamic   recognized as",
    ...Object.entries(score.confusion).map(
      ([expected, got]) =>
        `  ${expected.padEnd(10)}${[got.mail, got.static, got.dynamic].map(column).join("")}`,
    ),
    "",
    `  lines found: ${percent(score.linesFound)}`,
    `  mail servers called dynamic: ${percent(score.mailCalledDynamic)}`,
    ...list("mail taken for lines", score.mailTakenForLines),
    ...list("missed", score.missed),
    ...list("recognized as the other kind", score.otherKind),
    "",
  ];
  return lines.join("\n");
}

function list(title: string, answers: Score["missed"]): readonly string[] {
  return [
    `  ${title}: ${answers.length}`,
    ...answers.map(({ address, name, got, reason }) => `    ${address} ${name}: ${got}, ${reason}`),
  ];
}

function column(count: number): string {
  return String(count).padStart(8);
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}
