/** What tests of filters and their parts share: a clock that moves when told to. */

export { type FakeClock, fakeClock, settle } from "./testing/fake-clock.ts";
