import assert from "node:assert/strict";
import { test } from "node:test";
import { shownPath } from "./read-file.ts";

const cases: readonly { path: string; cwd: string; shown: string }[] = [
  { path: "/etc/postern/postern.yaml", cwd: "/", shown: "/etc/postern/postern.yaml" },
  { path: "/etc/postern/postern.yaml", cwd: "/etc/postern", shown: "postern.yaml" },
  { path: "/etc/postern/postern.yaml", cwd: "/home/a", shown: "/etc/postern/postern.yaml" },
];
for (const { path, cwd, shown } of cases)
  test(`shownPath: ${path} from ${cwd}`, () => assert.equal(shownPath(path, cwd), shown));
