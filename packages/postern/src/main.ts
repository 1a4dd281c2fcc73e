#!/usr/bin/env node
import { hostname } from "node:os";
import { runCommand } from "./command-line.ts";

process.exitCode = await runCommand(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  hostname: hostname(),
});
