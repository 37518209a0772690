import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Outcome } from "../outcome.ts";
import { openOutcomeFiles } from "./outcome-files.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "outcomes-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Item = { text: string };
const paths = () => ({ accepted: join(folder, "kept.jsonl"), refused: join(folder, "left.jsonl") });
const outcomes: Outcome<Item, string>[] = [
  { status: "accepted", id: "1", value: { text: "one" } },
  { status: "rejected", id: "2", input: "two", reason: "too-short", detail: "3 letters" },
  { status: "failed", id: "3", input: "three", error: new Error("no answer") },
  { status: "accepted", id: "4", value: { text: "four" } },
  { status: "rejected", id: "5", input: "five", reason: "too-short", detail: "4 letters", raw: "…" },
];
const linesOf = async (path: string) =>
  (await readFile(path, "utf8"))
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

describe("openOutcomeFiles", () => {
  it("shows what came last to whoever follows the draft, though nothing comes after it", async () => {
    await using files = await openOutcomeFiles<Item, string>(paths());
    for (const text of ["one", "two", "three"]) await files.add({ status: "accepted", id: text, value: { text } });
    const draft = (await readdir(folder)).find((name) => name.startsWith("kept.jsonl."))!;
    await expect.poll(async () => (await linesOf(join(folder, draft))).length).toBe(3);
  });

  it("gives what was accepted so far while more is written", async () => {
    await using files = await openOutcomeFiles<Item, string>(paths());
    expect(await Array.fromAsync(files.accepted())).toEqual([]);
    for (const outcome of outcomes) await files.add(outcome);
    const seen: string[] = [];
    for await (const { text } of files.accepted()) {
      seen.push(text);
      await files.add({ status: "accepted", id: `after ${text}`, value: { text: `after ${text}` } });
    }
    expect(seen).toEqual(["one", "four"]);
    await files.commit();
    expect(await linesOf(paths().accepted)).toHaveLength(4);
  });

  it("writes accepted values to one file and all other outcomes to the other, and adds them up", async () => {
    await using files = await openOutcomeFiles<Item, string>(paths());
    expect(await Array.fromAsync(files.writing(outcomes))).toEqual(outcomes);
    expect(files.last()).toEqual(outcomes[4]);
    expect(files.last("too-short")).toEqual(outcomes[4]);
    expect(files.last("too-long")).toBeUndefined();
    expect(await readdir(folder)).not.toContain("kept.jsonl");
    await files.commit();
    expect(await linesOf(paths().accepted)).toEqual([{ text: "one" }, { text: "four" }]);
    expect(await linesOf(paths().refused)).toEqual([
      outcomes[1],
      { status: "failed", id: "3", input: "three", error: "no answer" },
      outcomes[4],
    ]);
    expect(files.tally()).toEqual({ requested: 5, accepted: 2, rejected: 2, failed: 1, reasons: { "too-short": 2 } });
    await files.close();
    expect((await readdir(folder)).sort()).toEqual(["kept.jsonl", "left.jsonl"]);
  });

  it("writes what it is told of each outcome", async () => {
    await using files = await openOutcomeFiles<Item, string>({
      ...paths(),
      acceptedLine: ({ text }) => text,
      refusedLine: ({ id, status }) => [id, status],
    });
    for (const outcome of outcomes) await files.add(outcome);
    await files.commit();
    expect(await linesOf(paths().accepted)).toEqual(["one", "four"]);
    expect(await linesOf(paths().refused)).toEqual([
      ["2", "rejected"],
      ["3", "failed"],
      ["5", "rejected"],
    ]);
  });

  it("leaves nothing behind without a commit, and what was there before as it was", async () => {
    await using before = await openOutcomeFiles<Item, string>(paths());
    await before.add(outcomes[0]!);
    await before.commit();
    const failing = async () => {
      await using files = await openOutcomeFiles<Item, string>(paths());
      await files.add(outcomes[3]!);
      throw new Error("aborted");
    };
    await expect(failing()).rejects.toThrow("aborted");
    expect((await readdir(folder)).sort()).toEqual(["kept.jsonl", "left.jsonl"]);
    expect(await linesOf(paths().accepted)).toEqual([{ text: "one" }]);
    await expect(
      openOutcomeFiles({ accepted: join(folder, "a"), refused: join(folder, "kept.jsonl", "b") }),
    ).rejects.toThrow();
    expect((await readdir(folder)).sort()).toEqual(["kept.jsonl", "left.jsonl"]);
  });

  it("gathers lines rather than writing each", async () => {
    await using files = await openOutcomeFiles<Item, string>(paths());
    const sizes = async () =>
      Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size));
    await files.add({ status: "accepted", id: "1", value: { text: "x".repeat(1000) } });
    expect(await sizes()).toEqual([0, 0]);
    for (let i = 0; i < 100; i++) await files.add({ status: "accepted", id: "1", value: { text: "x".repeat(1000) } });
    expect(Math.max(...(await sizes()))).toBeGreaterThan(65_536);
    await files.commit();
    expect((await linesOf(paths().accepted)).length).toBe(101);
  });
});
