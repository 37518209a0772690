import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Outcome, SearchTrajectory } from "@rag-instruct/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { madePassage } from "../../test/made-set.ts";
import { exportTrajectories } from "./trajectories.ts";

let to: string;
beforeEach(async () => {
  to = await mkdtemp(join(tmpdir(), "trajectories-"));
});
afterEach(() => rm(to, { recursive: true }));

const results = [1, 2].map((number, i) => ({ passage: madePassage(number), score: 2 - i, rank: i + 1 }));
const chain: SearchTrajectory = {
  id: "q1",
  paradigm: "multi-doc-answer",
  question: "Which?",
  options: ["this", "that"],
  answer: "A",
  needed: ["p1", "p2"],
  isProved: true,
  steps: [
    { query: "first", results, found: ["p1"], learned: ['It is "so".'], bridge: [] },
    { query: "so second", results, found: ["p2"], learned: ["And so."], bridge: ["so"] },
  ],
};
const accepted = (value: SearchTrajectory): Outcome<SearchTrajectory> => ({ status: "accepted", id: value.id, value });
const rejected: Outcome<SearchTrajectory> = { status: "rejected", id: "q2", input: {}, reason: "unproved", detail: "" };

async function records(file: string) {
  const lines = (await readFile(join(to, file), "utf8")).split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

describe("exportTrajectories", () => {
  it("writes the searches as tool calls with their results, and counts what has none", async () => {
    const splits = { train: [accepted(chain), rejected], test: [accepted({ ...chain, steps: chain.steps.slice(1) })] };
    const report = await exportTrajectories({ splits, to, formats: ["trajectories", "trajectories-openai"] });
    expect(report).toMatchObject({
      pairs: 3,
      chains: 2,
      bridged: 2,
      searches: { 1: 1, 2: 1 },
      leftOut: { unproved: 1 },
    });
    expect(report.files.map(({ format, split }) => `${format}/${split}`)).toEqual([
      "trajectories/train",
      "trajectories-openai/train",
      "trajectories/test",
      "trajectories-openai/test",
    ]);
    const [record] = await records("trajectories/train.jsonl");
    const shown = JSON.stringify(results.map(({ passage: { id, title, text } }) => ({ id, title, text })));
    const call = (id: string, query: string) => ({
      id,
      type: "function",
      function: { name: "search", arguments: { query } },
    });
    expect(record.messages).toEqual([
      { role: "user", content: "Which?\nA. this\nB. that" },
      { role: "assistant", content: "", tool_calls: [call("call_1", "first")] },
      { role: "tool", tool_call_id: "call_1", name: "search", content: shown },
      { role: "assistant", content: 'It is "so".', tool_calls: [call("call_2", "so second")] },
      { role: "tool", tool_call_id: "call_2", name: "search", content: shown },
      { role: "assistant", content: "A" },
    ]);
    expect(record.tools[0].function).toMatchObject({ name: "search", parameters: { required: ["query"] } });
    expect(record.steps[1]).toEqual({ query: "so second", found: ["p2"], learned: ["And so."], bridge: ["so"] });
    const [openai] = await records("trajectories-openai/train.jsonl");
    expect(Object.keys(openai)).toEqual(["messages", "tools"]);
    // As ChatCompletionToolMessageParam of OpenAI's SDK has them.
    expect(Object.keys(openai.messages[2])).toEqual(["role", "tool_call_id", "content"]);
    expect(openai.messages[3].tool_calls[0].function.arguments).toBe('{"query":"so second"}');
    expect(await records("trajectories/test.jsonl")).toHaveLength(1);
  });

  it("leaves nothing behind where a pair failed, and overwrites nothing unless told", async () => {
    const failed: Outcome<SearchTrajectory> = { status: "failed", id: "q3", input: {}, error: new Error("no index") };
    const options = { to, formats: ["trajectories"] as const };
    await expect(exportTrajectories({ ...options, splits: { train: [accepted(chain), failed] } })).rejects.toThrow(
      "no index",
    );
    const files = await readdir(to, { recursive: true, withFileTypes: true });
    expect(files.filter((entry) => entry.isFile())).toEqual([]);
    const splits = { train: [accepted(chain)] };
    await exportTrajectories({ ...options, splits });
    await expect(exportTrajectories({ ...options, splits })).rejects.toThrow(/exist|already|there/);
    expect((await exportTrajectories({ ...options, splits, overwrite: true })).chains).toBe(1);
  });
});
