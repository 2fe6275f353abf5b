import fc from "fast-check";
import { expect, it } from "vitest";
import { fitHead, shortened } from "./fit.ts";

it("keeps both ends of a name, the last one longer", () => {
  expect(shortened("wal-node-1", 8)).toBe("wal…de-1");
  expect(shortened("wal-node-1", 4)).toBe("w…-1");
  expect(shortened("A", 4)).toBe("A");
});

it("never makes a name longer than it may be", () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 2, max: 20 }), (name, most) => {
      expect(shortened(name, most).length).toBeLessThanOrEqual(most);
    }),
  );
});

it("shows the timer's figures beside a short name and leaves them out beside a long one", () => {
  expect(fitHead("A", "follower", true)).toEqual({ name: "A", hasTime: true });
  expect(fitHead("wal-node-1", "follower", true)).toEqual({ name: "wal…e-1", hasTime: false });
});

it("gives a name the timer's room where there is none", () => {
  expect(fitHead("wal-node-1", "leader", false).name).toBe("wal-node-1");
});
