/**
 * The program: command line, configuration, and the wiring of adapters to the runtime. The only package that
 * knows the others.
 *
 * @packageDocumentation
 */

export { runCommand, type Surface } from "./command-line.ts";
