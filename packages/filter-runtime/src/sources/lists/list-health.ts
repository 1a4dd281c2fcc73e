import { type IpAddress, parseIpAddress } from "@postern/smtp-filter";
import { type ControlAddress, type ControlAddresses, FEW_SHARE } from "./control-addresses.ts";
import { isEvidence, type ListFault, type Reading } from "./list-answer.ts";

/** What a look at a list says of it. */
export type Health =
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly fault: ListFault }
  /** Could not look: neither a pass nor a failure. */
  | { readonly kind: "unknown" };

/** What the answers about control addresses say, and the fault that a single one of them showed: it needs another witness. */
export interface ControlResult {
  readonly health: Health;
  readonly oddity?: ListFault;
}

/** Asks a list about one address. */
export type AskList = (address: IpAddress) => Promise<Reading>;

const PASSED: Health = { kind: "passed" };
const UNKNOWN: Health = { kind: "unknown" };

/**
 * The test of RFC 5782 section 5, with its IPv4 entries: lists that hold IPv6 addresses have them too. Against
 * wildcards, one address in each documentation network is asked about; one of them may be listed, as bogons are. A
 * fault that one answer shows is only believed when another shows one too.
 */
export async function testHealth(ask: AskList, documentation: ControlAddresses): Promise<Health> {
  const entry = await askText(ask, "127.0.0.2");
  if (entry.kind === "none") return failed("it does not list 127.0.0.2");
  if (entry.kind === "temperror") return UNKNOWN;
  const [self, answers] = await Promise.all([
    askText(ask, "127.0.0.1"),
    askAll(ask, documentation.take()),
  ]);
  const readings = answers.map(({ reading }) => reading);
  const wrong = wrongOnes([entry, self, ...readings]);
  const [fault] = wrong;
  if (fault !== undefined) return wrong.length > 1 ? failed(fault) : UNKNOWN;
  if (readings.filter(({ kind }) => kind === "listed").length > 1)
    return failed("it lists everyone");
  if (self.kind === "listed") return failed("it lists 127.0.0.1");
  const spared = readings.filter(({ kind }) => kind === "none");
  return self.kind === "none" && spared.length > 1 ? PASSED : UNKNOWN;
}

/** Whether a list spares most of the control addresses. */
export async function checkAll(ask: AskList, controls: ControlAddresses): Promise<Health> {
  return weigh(await askAll(ask, controls.take())).health;
}

/**
 * Whether a list measures, at this moment: it spares so many control addresses. Where one looks odd, all the others are asked
 * about. A list may have its reasons for one; for a few it may, and these are not asked about again.
 */
export async function checkSome(
  ask: AskList,
  controls: ControlAddresses,
  count: number,
): Promise<ControlResult> {
  const few = await askAll(ask, controls.take(count));
  const some = weigh(few);
  const isQuiet = few.every(({ reading }) => !isEvidence(reading) && reading.kind !== "wrong");
  if (isQuiet || wrongOnes(few.map(({ reading }) => reading)).length > 1) return some;
  const others = controls.others(few.map(({ control }) => control));
  const all = [...few, ...(await askAll(ask, others))];
  const look = weigh(all);
  if (look.health.kind !== "passed") return look;
  const listed = all.filter(({ reading }) => isEvidence(reading));
  const amount = controls.setAside(listed.map(({ control }) => control));
  if (amount === "too many") return { health: failed("it lists everyone") };
  return listed.length <= 1 ? look : { ...look, health: UNKNOWN };
}

interface ControlAnswer {
  readonly control: ControlAddress;
  readonly reading: Reading;
}

function weigh(answers: readonly ControlAnswer[]): ControlResult {
  const readings = answers.map(({ reading }) => reading);
  const wrong = wrongOnes(readings);
  const [fault] = wrong;
  if (fault !== undefined && wrong.length > 1) return { health: failed(fault) };
  const oddity = fault === undefined ? {} : { oddity: fault };
  const answered = answers.filter(({ reading: { kind } }) => kind === "listed" || kind === "none");
  if (answered.length * 2 < readings.length) return { health: UNKNOWN, ...oddity };
  const listed = answered.filter(({ reading }) => isEvidence(reading));
  const isMany = weightOf(listed) > weightOf(answered) * FEW_SHARE;
  return { health: isMany ? failed("it lists everyone") : PASSED, ...oddity };
}

function weightOf(answers: readonly ControlAnswer[]): number {
  return answers.reduce((sum, { control }) => sum + control.weight, 0);
}

function askAll(ask: AskList, those: readonly ControlAddress[]): Promise<readonly ControlAnswer[]> {
  return Promise.all(
    those.map(async (control) => ({ control, reading: await ask(control.address) })),
  );
}

async function askText(ask: AskList, text: string): Promise<Reading> {
  const address = parseIpAddress(text);
  return address === undefined ? { kind: "none" } : ask(address);
}

function wrongOnes(readings: readonly Reading[]): readonly ListFault[] {
  return readings.flatMap((reading) => (reading.kind === "wrong" ? [reading.fault] : []));
}

function failed(fault: ListFault): Health {
  return { kind: "failed", fault };
}
