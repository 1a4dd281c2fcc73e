/** Gathers the facts of an SMTP session and has the core judge them. @packageDocumentation */
export {};
