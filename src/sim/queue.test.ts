import fc from "fast-check";
import { expect, it } from "vitest";
import { cloneQueue, createQueue, type EventQueue, peek, pop, push } from "./queue.ts";

it("serves events by time, and those of one time first come, first served", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (times) => {
      const queue = filled(times);
      const wanted = times
        .map((time, message) => ({ time, message }))
        .sort((a, b) => a.time - b.time || a.message - b.message);
      expect(drain(queue)).toEqual(wanted);
    }),
  );
});

it("a copy is served apart from the original", () => {
  const queue = filled([3, 1, 2]);
  const copy = cloneQueue(queue);
  drain(copy);
  expect(peek(copy)).toBeNull();
  expect(drain(queue).map(({ time }) => time)).toEqual([1, 2, 3]);
});

function filled(times: readonly number[]): EventQueue {
  const queue = createQueue();
  for (const [message, time] of times.entries()) {
    push(queue, time, null, { type: "deliver", message });
  }
  return queue;
}

function drain(queue: EventQueue): { time: number; message: number }[] {
  const served = [];
  for (let next = pop(queue); next !== null; next = pop(queue)) {
    served.push({
      time: next.time,
      message: next.event.type === "deliver" ? next.event.message : -1,
    });
  }
  return served;
}
