import type { Settings } from "../options.ts";
import { SpoolRoom } from "../spool/spool-room.ts";
import { Feeder } from "./feeder.ts";
import type { EngineLink, FilterContext, Outlet } from "./filter-context.ts";
import { Questions } from "./questions.ts";
import { Releases } from "./releases.ts";

/** Makes what all sessions have in common. */
export function createContext(
  settings: Settings,
  outlet: Outlet,
  engine: EngineLink,
  { report, guard }: Pick<FilterContext, "report" | "guard">,
): FilterContext {
  const { messageMemoryBytes, memoryBytes, openSpoolFile: openFile, onFailure } = settings;
  const onError = (error: unknown): void => report({ kind: "spool-error", error });
  let last = 0;
  return {
    settings,
    engine,
    outlet,
    questions: new Questions(settings, report, guard),
    feeder: new Feeder(),
    releases: new Releases((stretch) => outlet.write(stretch)),
    room: new SpoolRoom({ messageMemoryBytes, memoryBytes, openFile, onError }),
    report,
    guard,
    nextNumber: () => {
      last += 1;
      return last;
    },
    smtpdVersion: null,
    onFailure,
  };
}
