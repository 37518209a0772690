import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pair } from "@rag-instruct/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { madeCorpus, madePair, madeRetriever } from "../test/made-set.ts";
import { exportAlignment } from "./alignment/export-alignment.ts";
import { assembleExamples } from "./assemble.ts";
import { exportExamples } from "./export-examples.ts";
import { readExamples } from "./read-examples.ts";
import { splitExamples } from "./split-examples.ts";

const history = [{ question: "What does the keeper hold?", answer: "A brass lantern." }];
const standalone = "When was the brass lantern of the keeper lit?";
const first = madePair("first", [1]);
const second: Pair = {
  ...madePair("second", [2, 3], { question: "When was it lit?", answer: "In 1871" }),
  history,
  standalone,
};
const corpus = madeCorpus(300);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "turns-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function assembled(queries: string[] = []) {
  const made = madeRetriever(corpus);
  const retriever: typeof made = {
    ...made,
    retrieve: (asked, options) => {
      queries.push(...asked);
      return made.retrieve(asked, options);
    },
  };
  const outcomes = await Array.fromAsync(assembleExamples({ pairs: [first, second], retriever, seed: 1 }));
  return outcomes.map((outcome) => (outcome.status === "accepted" ? outcome.value : undefined)!);
}

describe("a later turn of a conversation", () => {
  it("gets noise of its own, ranked for the question that is understood alone, and keeps what went before", async () => {
    const queries: string[] = [];
    const [one, other] = await assembled(queries);
    expect(queries.slice(0, 2)).toEqual([first.question, standalone]);
    expect(one!.history).toBeUndefined();
    expect(other).toMatchObject({ history, standalone, question: "When was it lit?" });
    expect(other!.documents).toHaveLength(10);
  });

  it("is written as several turns where a format has them, and read back; the other formats leave it out and count it", async () => {
    const examples = await assembled();
    const to = join(folder, "exports");
    const formats = [
      "examples",
      "messages",
      "sharegpt",
      "prompt-completion",
      "alpaca",
      "rag-instruct",
      "dpr",
      "parquet",
    ] as const;
    const { files } = await exportExamples({ examples, to, formats });
    expect(Object.fromEntries(files.map(({ format, examples }) => [format, examples]))).toEqual({
      examples: 2,
      messages: 2,
      sharegpt: 2,
      "prompt-completion": 2,
      dpr: 2,
      alpaca: 1,
      "rag-instruct": 1,
      parquet: 2,
    });
    const line = async (file: string) => JSON.parse((await readFile(join(to, file), "utf8")).trim().split("\n")[1]!);
    const { messages } = await line("messages.jsonl");
    expect(messages.map(({ role }: { role: string }) => role)).toEqual(["user", "assistant", "user", "assistant"]);
    expect(messages[0].content).toBe(history[0]!.question);
    expect(messages[1].content).toBe(history[0]!.answer);
    expect(messages[2].content).toMatch(/^### Paragraph:[\s\S]*### Instruction:\nWhen was it lit\?\n$/);
    expect(messages[3].content).toBe("In 1871");
    const { conversations } = await line("sharegpt.jsonl");
    expect(conversations.map(({ from }: { from: string }) => from)).toEqual(["human", "gpt", "human", "gpt"]);
    const { prompt, completion } = await line("prompt-completion.jsonl");
    expect([prompt.length, completion.length]).toEqual([3, 1]);
    expect(JSON.parse(await readFile(join(to, "dpr.json"), "utf8"))[1].question).toBe(standalone);
    const [, row] = await Array.fromAsync(readExamples(join(to, "examples.parquet")));
    expect(row).toMatchObject({ history, standalone, question: "When was it lit?" });
    for (const file of ["messages.jsonl", "sharegpt.jsonl", "prompt-completion.jsonl"]) {
      const [one, other] = await Array.fromAsync(readExamples(join(to, file)));
      expect(one!.history).toBeUndefined();
      expect(other).toMatchObject({ history, question: "When was it lit?", answer: "In 1871" });
      expect(other!.documents).toHaveLength(10);
    }
  });

  it("stays on its conversation's side of a split, whatever documents it has, and is like no other by its few words", async () => {
    const conversations = Array.from({ length: 30 }, (_, i): Pair[] => {
      const opening = madePair(`opening-${i}`, [i]);
      const turn = {
        ...madePair(`turn-${i}`, [i + 100], { question: "When was it lit?" }),
        standalone: `Of ${i}: ${opening.question}`,
      };
      return [opening, { ...turn, history: [{ question: opening.question, answer: opening.answer }] }];
    });
    const outcomes = await Array.fromAsync(assembleExamples({ pairs: conversations.flat(), seed: 1 }));
    const examples = outcomes.flatMap((outcome) => (outcome.status === "accepted" ? outcome.value : []));
    const splits = await splitExamples({ examples, shares: { train: 0.5, test: 0.5 }, seed: 1, nearQuestion: 0.99 });
    expect(splits.groups).toEqual(Array(30).fill(2));
    for (const [opening, turn] of conversations) expect(splits.of(turn!.id)).toBe(splits.of(opening!.id));
  });

  it("is left out of rewards and preferences by that name", async () => {
    const [, other] = await assembled();
    const report = await exportAlignment({
      to: join(folder, "rewards"),
      formats: ["grpo"],
      splits: { train: [other!] },
    });
    expect(report.formats.grpo?.leftOut).toEqual({ "several-turns": 1 });
  });
});
