/** Speaks the OpenSMTPD filter protocol: what is sent to smtpd. @packageDocumentation */
export { formatResult } from "./wire/result.ts";
