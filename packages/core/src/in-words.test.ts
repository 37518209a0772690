import { execFileSync } from "node:child_process";
import { expect, test, vi } from "vitest";
import { amount, dollarsText, durationText, listText, programName, shellWord } from "./in-words.ts";

test("one thing is one, and many are many", () => {
  expect([0, 1, 2, 1200].map((count) => amount(count, "pair"))).toEqual([
    "0 pairs",
    "1 pair",
    "2 pairs",
    "1,200 pairs",
  ]);
  expect(amount(2, "reply", "replies")).toBe("2 replies");
});

test("dollars, lists and times read as people write them", () => {
  expect([0.0123, 2.5].map(dollarsText)).toEqual(["$0.0123", "$2.50"]);
  expect([["a"], ["a", "b"], ["a", "b", "c"]].map(listText)).toEqual(["a", "a and b", "a, b and c"]);
  expect([42, 200, 7500].map(durationText)).toEqual(["42 s", "3 min 20 s", "2 h 5 min"]);
});

test("a shell reads each word of an advised command back as it is", () => {
  const words = ["plain/path-1.jsonl", "my run", "it's", "a$b", "*.md", 'say "hi"', "", "~/runs", "a;b", "über"];
  const read = execFileSync("sh", ["-c", `printf '%s\\0' ${words.map(shellWord).join(" ")}`], { encoding: "utf8" });
  expect(read.split("\0").slice(0, -1)).toEqual(words);
});

test("the command line is named as it can be typed where it was started", () => {
  vi.stubEnv("RAG_INSTRUCT_PROGRAM", undefined);
  vi.stubEnv("npm_command", "run-script");
  expect(programName()).toBe("rag-instruct");
  vi.stubEnv("npm_command", "exec");
  expect(programName()).toBe("npx rag-instruct");
  vi.stubEnv("RAG_INSTRUCT_PROGRAM", "npm start --");
  expect(programName()).toBe("npm start --");
  vi.unstubAllEnvs();
});
