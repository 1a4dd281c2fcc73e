/** How a command ends: the codes of sysexits.h that scripts look at. */
export const EXIT = { ok: 0, failed: 1, usage: 64, data: 65, unavailable: 69, config: 78 } as const;

/** A command line that cannot be meant: exit 64. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
