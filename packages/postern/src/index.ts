/** Postern, wired up. @packageDocumentation */
export {};
