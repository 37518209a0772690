import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Pair, type Review, type ReviewDecision, seenHash } from "@rag-instruct/core";
import { openReviewLog } from "@rag-instruct/core/node";
import { type ChatRequest, type FaultyServer, faultyServer } from "@rag-instruct/core/testing";
import { type Config, ragInstruct } from "rag-instruct";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerFromDocuments } from "./support/answering-model.ts";
import { runCli } from "./support/cli.ts";
import { jsonl } from "./support/run-files.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

let folder: string;
let server: FaultyServer;
let config: Config;
const cli = (...args: string[]) => runCli(args, { cwd: folder });

/** A model that writes pairs, and judges every third of them wrong, whatever they say. */
function model(request: ChatRequest): string {
  const [instructions, prompt] = [request.messages[0]!.content, request.messages.at(-1)!.content];
  if (instructions.startsWith("You check")) return JSON.stringify({ answering: [] });
  if (!instructions.startsWith("You judge")) return answerFromDocuments(request);
  const [, document] = prompt.match(/<document[^>]*>([\s\S]*?)<\/document/)!;
  const [text] = document!.match(/In \d{4} the \w+ near the \w+ was \w+ by \w+/)!;
  const answer = Number(text.match(/\d{4}/)![0]) % 3 === 0 ? "wrong" : "right";
  const needed = { documents: "state", needed: [1], quotes: [{ document: 1, text }] };
  return JSON.stringify({ ...needed, answer, complete: true, why: "It stands there." });
}

type Shown = Pick<Pair, "id" | "paradigm" | "question" | "answer" | "options">;

async function decide(run: string, pairs: readonly Shown[], decision: ReviewDecision, reviewer = "ada"): Promise<void> {
  await using log = await openReviewLog(run);
  for (const pair of pairs) {
    const { id, paradigm } = pair;
    const time = new Date().toISOString();
    await log.append({ id, paradigm, seen: seenHash(pair), decision, reviewer, time } satisfies Review);
  }
}

/** What the judge rejected, as the viewer shows it. */
async function rejectedBy(run: string): Promise<Shown[]> {
  const lines = await jsonl<{ id: string; reason: string; input: Shown }>(join(run, "rejected.jsonl"));
  return lines.filter(({ reason }) => reason === "answer-wrong").map(({ id, input }) => ({ ...input, id }));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "calibrate-"));
  await writeSmallCorpus(join(folder, "docs"), { pages: 60 });
  server = await faultyServer({ reply: model });
  config = {
    to: join(folder, "run"),
    corpus: { from: join(folder, "docs") },
    exemplars: [{ id: "e1", question: "Who built the first lighthouse?", task: "open", source: "mine" }],
    model: { name: "m", baseUrl: server.url },
    pairs: { "single-doc-answer": 12 },
    verify: "judge",
    noiseSample: 1,
  };
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe("calibrate", () => {
  it("compares a run's judge with its reviews, and puts it into the report and the card", async () => {
    const { to: run } = config;
    await ragInstruct(config);
    const pairs = await jsonl<Pair>(join(run!, "pairs.jsonl"));
    const rejected = await rejectedBy(run!);
    expect(rejected.length).toBeGreaterThan(2);
    expect(rejected.every(({ question, answer }) => question !== "" && answer !== "")).toBe(true);

    const none = await cli("calibrate", run!);
    expect(none.stdout).toMatch(/^People reviewed 0 of \d+ pairs that a model judged\.\n(For|Not even) /);
    await decide(run!, pairs.slice(0, 8), "accepted");
    await decide(run!, pairs.slice(8, 10), "rejected");
    await decide(run!, pairs.slice(0, 2), "accepted", "bo");
    const oneSided = await cli("calibrate", run!);
    expect(oneSided.stdout).toContain("nobody reviewed a pair that it rejected");
    await decide(run!, rejected.slice(0, 2), "rejected");
    await decide(run!, rejected.slice(2, 3), "accepted");

    const requests = server.counts().requests;
    const { stdout, code } = await cli("calibrate", run!, "--next", "2", "--margin", "0.2", "--json");
    expect(code).toBe(0);
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({
      accepted: 12,
      rejected: rejected.length,
      reviewed: { goodAccepted: 8, badAccepted: 2, goodRejected: 1, badRejected: 2 },
      people: { comparisons: 2, observed: 1 },
      needed: { margin: 0.2 },
    });
    expect(found.next).toHaveLength(2);
    const { share } = found.corrected.good;
    expect(share).toBeCloseTo((12 * 0.8 + rejected.length / 3) / (12 + rejected.length), 10);
    expect((await cli("calibrate", run!)).stdout).toMatch(/Of the pairs that it accepted 80% .* are good\./);

    const again = await ragInstruct(config);
    expect(again.stages.find(({ name }) => name === "synthesize")).toMatchObject({ skipped: true });
    expect(server.counts().requests).toBe(requests);
    const report = await readFile(join(run!, "report.html"), "utf8");
    expect(report.includes("Whether the judge can be trusted")).toBe(true);
    const card = await readFile(join(run!, "exports/README.md"), "utf8");
    expect(card).toMatch(
      /- the model's verdicts against people's on 13 pairs: .*Cohen's kappa 0\.\d\d.*; .* are good by/,
    );
  });

  it("takes reviews that were made before the model judged, and finds its verdicts in verified", async () => {
    const run = join(folder, "before");
    await ragInstruct({ ...config, to: run, verify: "lexical" });
    const unjudged = await cli("calibrate", run);
    expect(unjudged.stdout).toContain("No model has judged a pair of");
    const pairs = await jsonl<Pair>(join(run, "pairs.jsonl"));
    await decide(run, pairs.slice(0, 9), "accepted");
    await decide(run, pairs.slice(9), "rejected");
    const judged = await cli("verify", run, "--level", "judge");
    expect(judged.code, judged.stderr).toBe(0);
    const { stdout } = await cli("calibrate", run, "--json");
    const { of, accepted, rejected, reviewed, corrected } = JSON.parse(stdout);
    expect(of).toBe(join(run, "verified"));
    expect([accepted + rejected, accepted > 0, rejected > 0]).toEqual([12, true, true]);
    expect(Object.values<number>(reviewed).reduce((sum, one) => sum + one, 0)).toBe(12);
    // Whoever reviews before the judge does so whatever it says: both ways to the share give the same.
    expect(corrected.good.share).toBeCloseTo(0.75, 10);
    expect(corrected.roganGladen?.share ?? 0.75).toBeCloseTo(0.75, 10);
    expect((await cli("calibrate", run, "--margin", "7")).code).toBe(2);
    expect((await cli("calibrate", join(folder, "nowhere"))).stderr).toMatch(/no run folder/);
  });
});
