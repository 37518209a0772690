import { availableParallelism } from "node:os";
import { expect, it } from "vitest";
import { physicalCores, sessionsFor } from "./session.ts";

const thread = (socket: number, core: number) => `processor : 0\nphysical id\t: ${socket}\ncore id\t\t: ${core}`;

it("counts two threads of a core once", () => {
  expect(physicalCores([thread(0, 0), thread(0, 0)].join("\n\n"))).toBe(1);
  const many = Array.from({ length: 4096 }, (_, i) => thread(i % 2, i));
  expect(physicalCores(many.join("\n\n"))).toBe(availableParallelism());
});

it("counts what the process may use where the system does not tell cores apart", () => {
  expect(physicalCores("")).toBe(availableParallelism());
  expect(physicalCores("processor : 0\nBogoMIPS : 50.00\n\nprocessor : 1")).toBe(availableParallelism());
});

it("opens a session a thread, as far as a quarter of the memory holds its weights", () => {
  expect(sessionsFor({ threads: 2, graphBytes: 1e6 })).toBe(2);
  expect(sessionsFor({ threads: 16, graphBytes: 1e15 })).toBe(1);
});
