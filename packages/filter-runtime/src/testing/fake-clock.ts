export { type FakeClock, fakeClock, settle } from "@postern/smtp-filter/testing";
