import type { Moment } from "./moments.ts";

/** A page to be played, and what it promises. */
export interface PlayedPage {
  readonly name: string;
  readonly file: string;
  /** Where the page wants a clone of this repository: it is put there. A relative path is one below the home folder. */
  readonly clone?: string;
  /** What must have been played in the same root before. */
  readonly upon?: "install";
  /** The unit whose log has the decisions; without one, no mail is sent. */
  readonly logUnit?: string;
  readonly before: Readonly<Record<string, Moment>>;
  readonly after: Readonly<Record<string, Moment>>;
}

const promises = {
  before: { Watch: "observing" },
  after: { Enforce: "enforcing", "Remove it": "alone" },
} as const;

/** README is played by both users, install by root, and each guide upon an installed Postern. */
export const pages: readonly PlayedPage[] = [
  { name: "readme", file: "README.md", clone: "postern", before: {}, after: {} },
  { name: "install", file: "docs/install.md", clone: "/opt/postern", before: {}, after: {} },
  {
    name: "postfix",
    file: "docs/postfix.md",
    upon: "install",
    logUnit: "postern",
    before: promises.before,
    after: { ...promises.after, "Over TCP": "enforcing" },
  },
  {
    name: "opensmtpd",
    file: "docs/opensmtpd.md",
    upon: "install",
    logUnit: "opensmtpd",
    ...promises,
  },
  { name: "exim", file: "docs/exim.md", upon: "install", logUnit: "postern", ...promises },
  { name: "sendmail", file: "docs/sendmail.md", upon: "install", logUnit: "postern", ...promises },
];
