import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { seededRandom } from "@rag-instruct/core";
import { openCalls } from "@rag-instruct/core/calls";
import { faultyServer } from "@rag-instruct/core/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type SynthesisTask, synthesize } from "../index.ts";

let folder: string;
beforeAll(() => {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "synthesize-properties-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const paradigmIds = ["single-doc-answer", "useless-doc", "single-doc-support"];

function randomPlan(seed: number): { tasks: SynthesisTask[]; counts: Record<string, number> } {
  const random = seededRandom(seed, "plan");
  const counts = Object.fromEntries(paradigmIds.map((id) => [id, random.integer(8)]));
  const make = (paradigm: string, reserve: boolean, i: number): SynthesisTask => ({
    id: `${seed}-${i}`,
    paradigm,
    exemplar: { id: `e${i}`, question: "How tall is the tower?", source: "s", task: "open" },
    documents: [{ id: `d${i}`, title: "", text: `The station code${seed}x${i} was built by engineer Kowalski.` }],
    reserve,
  });
  const wanted = paradigmIds.flatMap((id) => Array.from({ length: counts[id]! }, () => id));
  const reserves = Array.from({ length: random.integer(30) }, () => random.pick(paradigmIds));
  const all = [...random.shuffle(wanted), ...reserves];
  return { tasks: all.map((id, i) => make(id, i >= wanted.length, i)), counts };
}

/** Answers rightly, wrongly or not at all, by what the prompt says and nothing else. */
function moodyReply(prompt: string): string {
  const code = prompt.match(/code\d+x\d+/)![0];
  const mood = seededRandom("mood", code).next();
  if (mood < 0.2) return "I would rather not.";
  if (mood < 0.4) return JSON.stringify({ question: "What does the document say of it?", answer: code });
  const isStated = prompt.includes("Kowalski") && mood < 0.7;
  return JSON.stringify({
    question: "Which of the old stations on the northern line is meant here?",
    answer: isStated ? code : "a matter of long debate among historians",
  });
}

describe("exactly N", () => {
  it.each(Array.from({ length: 25 }, (_, seed) => seed))(
    "adds up, in the order of the plan, for plan %i",
    async (seed) => {
      const { tasks, counts } = randomPlan(seed);
      await using server = await faultyServer({
        reply: ({ messages }) => moodyReply(messages.at(-1)!.content),
        faults: { "server-error": 0.1, "rate-limit": 0.05 },
        retryAfterSeconds: 0,
        seed,
      });
      const ledger = join(folder, "ledger.jsonl");
      await using calls = await openCalls({ ledger, backOff: 1, attempts: 3, concurrency: { max: 8 } });
      const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
      const synthesis = synthesize({ tasks, model, calls, counts });
      const outcomes = await Array.fromAsync(synthesis);
      const { requested, accepted, rejected, failed, unused, paradigms } = synthesis.summary();

      expect(accepted + rejected + failed).toBe(requested);
      expect(requested).toBe(outcomes.length);
      expect(requested + unused).toBe(tasks.length);
      const places = outcomes.map(({ id }) => tasks.findIndex((task) => task.id === id));
      expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
      for (const outcome of outcomes) {
        if (outcome.status === "accepted") continue;
        expect(outcome.input).toMatchObject(tasks.find(({ id }) => id === outcome.id)!);
        if (outcome.status === "rejected")
          expect([outcome.reason, outcome.raw]).toEqual([expect.any(String), expect.any(String)]);
      }
      for (const id of paradigmIds) {
        const { wanted, accepted: got, short } = paradigms[id]!;
        const left = tasks.filter(
          (task) => task.paradigm === id && !outcomes.some((outcome) => outcome.id === task.id),
        );
        expect(wanted).toBe(counts[id]);
        expect(got).toBeLessThanOrEqual(wanted);
        expect(got + short).toBe(wanted);
        // Short only when there is no reserve left.
        if (short > 0) expect(left).toEqual([]);
      }
    },
  );
});
