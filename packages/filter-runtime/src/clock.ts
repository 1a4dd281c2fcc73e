export { type Clock, systemClock } from "@postern/smtp-filter";
