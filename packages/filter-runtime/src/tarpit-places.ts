import type { TarpitPlaces } from "./settings.ts";

/** @param most how many clients may be slowed at a time. */
export function tarpitPlaces(most: number): TarpitPlaces {
  let taken = 0;
  return {
    take() {
      if (taken >= most) return undefined;
      taken += 1;
      let isMine = true;
      return () => {
        if (isMine) taken -= 1;
        isMine = false;
      };
    },
  };
}
