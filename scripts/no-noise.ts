import { afterEach, beforeEach, expect } from "vitest";

// A test that prints is a test that fails: libraries never print, and a green run should be quiet.
const methods = ["log", "info", "warn", "error"] as const;
const original = Object.fromEntries(methods.map((method) => [method, console[method]]));
let printed: string[] = [];

beforeEach(() => {
  printed = [];
  for (const method of methods) {
    console[method] = (...parts: unknown[]) => {
      printed.push(parts.map(String).join(" "));
    };
  }
});

afterEach(() => {
  Object.assign(console, original);
  expect(printed, "this test printed to the console").toEqual([]);
});
