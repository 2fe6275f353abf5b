import type { Micros, ServerId } from "#raft/types.ts";

/** What the scheduler does next. Immutable, so that a copy of the queue is a copy of an array. */
export type SimEvent =
  | { readonly type: "deliver"; readonly message: number }
  /** A poll's time-out. Stale when the process has been woken or has died since. */
  | { readonly type: "wake"; readonly server: ServerId; readonly nap: number }
  | {
      readonly type: "alarm";
      readonly server: ServerId;
      readonly alarm: string;
      readonly setting: number;
    }
  /** A step of an actor that takes time is done. */
  | {
      readonly type: "step-done";
      readonly server: ServerId;
      readonly epoch: number;
      readonly actor: number;
    }
  /** A step of a child whose parent has ended is done. */
  | { readonly type: "orphan"; readonly server: ServerId; readonly number: number }
  | { readonly type: "dial"; readonly from: ServerId; readonly to: ServerId; readonly dial: number }
  | {
      readonly type: "link";
      readonly from: ServerId;
      readonly to: ServerId;
      readonly connection: number;
      readonly up: boolean;
      readonly reason: string;
    }
  | { readonly type: "write-back"; readonly machine: string }
  | { readonly type: "script"; readonly index: number }
  | { readonly type: "boot"; readonly machine: string };

export interface Queued {
  readonly time: Micros;
  /** Insertion order: ties in time are served first come, first served. */
  readonly order: number;
  /** The observation that scheduled it. */
  readonly cause: number | null;
  readonly event: SimEvent;
}

/** A binary heap by time, then by order. */
export interface EventQueue {
  heap: Queued[];
  next: number;
}

export function createQueue(): EventQueue {
  return { heap: [], next: 0 };
}

export function cloneQueue(queue: EventQueue): EventQueue {
  return { heap: queue.heap.slice(), next: queue.next };
}

export function peek(queue: EventQueue): Queued | null {
  return queue.heap[0] ?? null;
}

export function push(queue: EventQueue, time: Micros, cause: number | null, event: SimEvent): void {
  const { heap } = queue;
  const added: Queued = { time, order: queue.next++, cause, event };
  let at = heap.length;
  heap.push(added);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as Queued;
    if (!before(added, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = added;
}

export function pop(queue: EventQueue): Queued | null {
  const { heap } = queue;
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined) return null;
  const length = heap.length;
  if (length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= length) break;
    if (child + 1 < length && before(heap[child + 1] as Queued, heap[child] as Queued)) child += 1;
    const lower = heap[child] as Queued;
    if (!before(lower, last)) break;
    heap[at] = lower;
    at = child;
  }
  heap[at] = last;
  return first;
}

function before(a: Queued, b: Queued): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
