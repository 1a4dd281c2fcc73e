import { type Edit, type Final, unreachable } from "@postern/smtp-filter";
import { folded, headerField, isFieldName } from "./header-lines.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** What is told at the end of a message. */
export type MessageVerdict =
  | Extract<Verdict, { kind: "reply" | "close" }>
  | {
      readonly kind: "accept";
      readonly isJunk: boolean;
      /** Names whose fields all go. */
      readonly removed: readonly string[];
      /** Our fields, from the top, folds as LF. */
      readonly added: readonly string[];
      /** Fields that were not meant when those of their name went, from the top, below ours. */
      readonly putBack: readonly string[];
    };

/** Goes on as if nobody had looked. */
export const UNTOUCHED: MessageVerdict = {
  kind: "accept",
  isJunk: false,
  removed: [],
  added: [],
  putBack: [],
};

/** Of one name, which fields are to be removed; names in lower case. */
export type Removals = ReadonlyMap<string, ReadonlySet<number>>;

/**
 * The verdict for what the port says.
 *
 * @param keep the fields to put back, where those of other ordinals are removed.
 * @param onDropped told of edits whose name is none.
 */
export function messageVerdict(
  final: Final,
  keep: (removals: Removals) => readonly string[],
  onDropped: (name: string) => void,
): MessageVerdict {
  if (final.kind !== "deliver") {
    const verdict = verdictOf("message", final);
    return verdict.kind === "accept" ? UNTOUCHED : verdict;
  }
  const names = new Map<string, string>();
  const removals = new Map<string, Set<number>>();
  const added: string[] = [];
  for (const edit of final.edits) {
    switch (edit.kind) {
      case "insert": {
        const field = headerField(edit.name, edit.value);
        if (field === undefined) onDropped(edit.name);
        else added.push(field);
        break;
      }
      case "remove": {
        const name = edit.name.toLowerCase();
        if (!isFieldName(name)) {
          onDropped(edit.name);
          break;
        }
        names.set(name, names.get(name) ?? edit.name);
        removals.set(name, (removals.get(name) ?? new Set()).add(edit.ordinal));
        break;
      }
      default:
        unreachable(edit);
    }
  }
  return {
    kind: "accept",
    isJunk: final.edits.some(isSpamMark),
    removed: [...names.values()],
    // Each goes to the very top, so the last is the topmost.
    added: added.reverse(),
    putBack: keep(removals).map(folded),
  };
}

/** What tells mail programs of junk is the only sign of it that reaches an adapter. */
function isSpamMark(edit: Edit): boolean {
  return (
    edit.kind === "insert" && edit.name.toLowerCase() === "x-spam" && /^ ?yes/i.test(edit.value)
  );
}
