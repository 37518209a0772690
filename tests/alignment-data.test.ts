import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pair } from "@rag-instruct/core";
import { type ChatRequest, faultyServer, hubUploadServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "./support/cli.ts";
import { jsonl } from "./support/run-files.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

/** A row of `dpo/train-standard.jsonl`. */
interface Preference {
  id: string;
  chosen: string;
  rejected: string;
  rejected_from: string;
  rejected_id: string;
}

const isOfNoise = ({ rejected_from }: Preference) => rejected_from === "noise";

let folder: string;
let run: string;
const cli = (...args: string[]) => runCli(args, { cwd: folder });
const exported = (...path: string[]) => join(run, "exports", ...path);
const json = async (...path: string[]) => JSON.parse(await readFile(exported(...path), "utf8"));

/** Writes pairs, judges that their document states them, reads the year where the document is shown, and guesses one where none is. */
function model({ messages }: ChatRequest): string {
  const [instructions, prompt] = [messages[0]!.content, messages.at(-1)!.content];
  const documents = [...prompt.matchAll(/<document[^>]*number="(\d+)">([\s\S]*?)<\/document/g)];
  const asked = prompt.match(/that (the \w+ near the \w+ was \w+ by \w+ and a crew of \d+)/)?.[1];
  const [, number, document] = documents.find(([, , text]) => asked && text!.includes(asked)) ?? [];
  const [sentence, year] = document?.match(`In (\\d{4}) ${asked} workers`) ?? [];
  if (instructions.startsWith("You check")) return JSON.stringify({ answering: [] });
  const guess = documents.length > 0 ? "1777" : "In 1666, I believe.";
  if (instructions.startsWith("Answer")) return JSON.stringify({ answer: year ?? guess, sure: true });
  if (instructions.startsWith("Compare")) return JSON.stringify({ likeness: "different" });
  if (instructions.startsWith("You judge")) {
    const quotes = sentence ? [{ document: Number(number), text: sentence }] : [];
    const needed = quotes.map((quote) => quote.document);
    const verdict = { answer: sentence ? "right" : "unsure", complete: true, why: "It stands there." };
    return JSON.stringify({ documents: sentence ? "state" : "unrelated", needed, quotes, ...verdict });
  }
  const facts = [...prompt.matchAll(/In (\d{4}) (the \w+ near the \w+ was \w+ by \w+ and a crew of \d+) workers/g)];
  const [, told = "1900", what = ""] = facts[prompt.length % facts.length] ?? [];
  return JSON.stringify({ question: `In which year did it happen that ${what} workers?`, answer: told });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "alignment-data-"));
  run = join(folder, "run");
  await writeSmallCorpus(join(folder, "docs"), { pages: 60 });
  await using server = await faultyServer({ reply: model });
  const asking = ["--model", "m", "--base-url", server.url, "--verify", "proof"];
  const exports = ["--set", 'exports=["grpo","verl","dpo"]', "noiseAnswers=1"];
  const wanted = ["--paradigm", "single-doc-answer", "--pairs", "20", ...exports];
  const made = await cli("run", "docs", "--to", "run", ...asking, ...wanted);
  expect([made.code, made.stderr]).toEqual([0, expect.any(String)]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("exports for rewards and preferences", () => {
  it("come with a run, whose proof has kept the answers that are rejected", async () => {
    expect((await readdir(exported())).toSorted()).toEqual(["README.md", "alignment.json", "dpo", "grpo", "verl"]);
    const pairs = new Map((await jsonl<Pair>(join(run, "pairs.jsonl"))).map((pair) => [pair.id, pair]));
    const preferences = await jsonl<Preference>(exported("dpo", "train-standard.jsonl"));
    const [ofNoise, ofNothing] = [preferences.filter(isOfNoise), preferences.filter((one) => !isOfNoise(one))];
    expect([ofNoise.length, ofNothing.length]).toEqual([pairs.size, pairs.size]);
    expect(new Set(ofNoise.map(({ rejected }) => rejected))).toEqual(new Set(["1777"]));
    const { proof } = JSON.parse(await readFile(join(run, "noise.json"), "utf8"));
    expect(proof.answers).toEqual({ asked: pairs.size, wrong: pairs.size, failed: 0 });
    for (const { id, chosen, rejected, rejected_from, rejected_id } of ofNothing) {
      expect([chosen, rejected, rejected_from]).toEqual([pairs.get(id)?.answer, "In 1666, I believe.", "no-documents"]);
      const { proof } = pairs.get(rejected_id)!.evidence as { proof: { answers: { answer: string }[] } };
      expect(proof.answers.map(({ answer }) => answer)).toContain(rejected);
    }
    const counts = { examples: pairs.size, leftOut: {} };
    expect((await json("alignment.json")).formats).toEqual({
      grpo: { ...counts, records: { text: pairs.size } },
      verl: { ...counts, records: { text: pairs.size } },
      dpo: { ...counts, records: { "no-documents": pairs.size, noise: pairs.size } },
    });
    const card = await readFile(exported("README.md"), "utf8");
    expect(card).toContain(`- dpo: ${pairs.size} examples (${pairs.size} no-documents and ${pairs.size} noise)`);
    expect(card).toMatch(/"config_name":"dpo".*?"data_files":\[\{"split":"train","path":"dpo\/train.jsonl"\}\]/);
    expect(card).not.toContain("reward.py");
  });

  it("are given out by the parts of a run's splits, and take what is no part any more away", async () => {
    const shares = ["--keep-apart", "sources", "--shares", "train=0.7,test=0.3"];
    expect((await cli("split", "run", ...shares)).code).toBe(0);
    const { code, stdout } = await cli("export", "run");
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^3 formats, \d+ examples: run\/exports\/\n$/)]);
    expect((await readdir(exported("verl"))).toSorted()).toEqual(["reward.py", "test.parquet", "train.parquet"]);
    const asked = await Promise.all(
      ["train", "test"].map((part) => jsonl<{ id: string }>(exported("grpo", `${part}.jsonl`))),
    );
    const divided = await Promise.all(
      ["train", "test"].map((part) => jsonl<{ id: string }>(join(run, "splits", `${part}.jsonl`))),
    );
    expect(asked.map((rows) => rows.map(({ id }) => id))).toEqual(divided.map((rows) => rows.map(({ id }) => id)));
    await rm(join(run, "splits"), { recursive: true });
    expect((await cli("export", "run")).code).toBe(0);
    expect((await readdir(exported("verl"))).toSorted()).toEqual(["reward.py", "train.parquet"]);
  });

  it("say on the screen what they leave out, and why", async () => {
    expect((await cli("demo", "--to", "demo")).code).toBe(0);
    const { code, stdout } = await cli("export", "demo", "--set", 'exports=["grpo","dpo"]');
    const left =
      "63 left out of grpo as long-answer, 4 left out of grpo as not-stated, 100 left out of dpo as no-failure";
    expect([code, stdout]).toEqual([0, expect.stringContaining(left)]);
    const given = await readdir(join(folder, "demo/exports"));
    expect([given.includes("grpo"), given.includes("dpo")]).toEqual([true, false]);
    const early = await cli("run", "docs", "--to", "early", "--model", "offline", "--set", "noiseAnswers=0.5");
    expect([early.code, early.stderr]).toEqual([2, expect.stringContaining('set verify to "proof"')]);
    const wrong = await cli("export", "demo", "--set", 'exports=["grop"]');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("grpo")]);
  });
});

it("push sends what a run has given out to a hub, says first what that would be, and sends nothing twice", async () => {
  await using hub = await hubUploadServer();
  const push = (...flags: string[]) =>
    runCli(["push", run, "--repo", "me/facts", ...flags], {
      cwd: folder,
      env: { HF_ENDPOINT: hub.url, HF_TOKEN: "hf_made" },
    });
  expect((await push("--dry-run")).stdout).toMatch(
    /^\d+ files of run\/exports would be sent to http.*\/datasets\/me\/facts\n$/,
  );
  expect(hub.requests).toEqual([]);
  expect((await push("--public")).stdout).toMatch(/sent to .*me\/facts, made now and public\n$/);
  const { files, visibility } = hub.repositories.get("me/facts")!;
  expect([files.has("README.md"), files.has("grpo/train.jsonl"), visibility]).toEqual([true, true, "public"]);
  const again = await push("--json");
  expect(JSON.parse(again.stdout)).toMatchObject({ uploaded: [], created: false });
  await writeFile(exported("messages.jsonl"), "what an export with other formats left\n");
  expect((await push("--dry-run")).stdout).toContain(
    "\nnot sent, since the last export did not write them: messages.jsonl\n",
  );
  const elsewhere = await runCli(["push", run, "--repo", "facts"], { cwd: folder, env: { HF_TOKEN: "hf_secret" } });
  expect([elsewhere.code, elsewhere.stderr]).toEqual([2, expect.stringContaining("owner/name")]);
  expect(elsewhere.stderr).not.toContain("hf_secret");
});
