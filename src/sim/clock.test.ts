import fc from "fast-check";
import { expect, it } from "vitest";
import { createClock, localTime, setClock, virtualTime } from "./clock.ts";

const clocks = fc.record({
  offset: fc.integer({ min: -10_000_000, max: 10_000_000 }),
  drift: fc.integer({ min: -200_000, max: 200_000 }),
});

it("a clock never goes back", () => {
  fc.assert(
    fc.property(clocks, fc.nat(1e10), fc.nat(1e6), ({ offset, drift }, now, more) => {
      const clock = createClock(offset, drift);
      expect(localTime(clock, now + more)).toBeGreaterThanOrEqual(localTime(clock, now));
    }),
  );
});

it("an alarm rings at the first virtual time at which the clock shows its time", () => {
  fc.assert(
    fc.property(clocks, fc.nat(1e9), fc.integer({ min: 1, max: 1e7 }), (each, now, ahead) => {
      const clock = createClock(each.offset, each.drift);
      const wanted = localTime(clock, now) + ahead;
      const rings = virtualTime(clock, wanted, now);
      expect(localTime(clock, rings)).toBeGreaterThanOrEqual(wanted);
      expect(localTime(clock, rings - 1)).toBeLessThan(wanted);
    }),
  );
});

it("an alarm in the past rings now", () => {
  expect(virtualTime(createClock(0, 0), 5, 100)).toBe(100);
});

it("a clock that is set goes on from there at its new rate", () => {
  const clock = createClock(0, 0);
  setClock(clock, 1_000_000, 500, 1_000);
  expect([localTime(clock, 1_000_000), localTime(clock, 2_000_000)]).toEqual([
    1_000_500, 2_001_500,
  ]);
});
