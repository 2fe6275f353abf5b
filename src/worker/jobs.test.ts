import { expect, it } from "vitest";
import { createJobs, type Job } from "./jobs.ts";

it("does one after the other, in order", async () => {
  const { jobs, log } = bench();
  const first = jobs.enqueue(1, async () => {
    await pause();
    log.push("first");
  });
  const second = jobs.enqueue(2, async () => {
    log.push("second");
  });
  await Promise.all([first, second]);
  expect(log).toEqual(["first", "second"]);
});

it("tells the one under way and those that wait that they are superseded, and starts none of them", async () => {
  const { jobs, log } = bench();
  const work = (name: string) => async (job: Job) => {
    log.push(`${name} starts`);
    await pause();
    log.push(`${name} ${job.superseded ? "stops" : "ends"}`);
  };
  const all = [jobs.enqueue(1, work("a")), jobs.enqueue(2, work("b"))];
  jobs.supersede();
  all.push(jobs.enqueue(3, work("c")));
  await Promise.all(all);
  expect(log).toEqual([
    "a starts",
    "1 superseded",
    "2 superseded",
    "a stops",
    "c starts",
    "c ends",
  ]);
});

it("begins at once when nothing is being done", async () => {
  const { jobs, log } = bench();
  const done = jobs.enqueue(1, async () => {
    log.push("begun");
  });
  expect(log).toEqual(["begun"]);
  await done;
});

it("says nothing of a job that is done", async () => {
  const { jobs, log } = bench();
  await jobs.enqueue(1, async () => undefined);
  jobs.supersede();
  expect(log).toEqual([]);
});

it("reports a failure to whoever enqueued it, and goes on", async () => {
  const { jobs, log } = bench();
  const failing = jobs.enqueue(1, () => Promise.reject(new Error("no")));
  const next = jobs.enqueue(2, async () => {
    log.push("next");
  });
  await expect(failing).rejects.toThrow("no");
  await next;
  expect(log).toEqual(["next"]);
});

function bench() {
  const log: string[] = [];
  return { log, jobs: createJobs((id) => log.push(`${id} superseded`)) };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
