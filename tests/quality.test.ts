import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Pair, TrainingExample } from "@rag-instruct/core";
import { type ChatRequest, faultyServer } from "@rag-instruct/core/testing";
import type { NoiseReport, SetReport } from "@rag-instruct/simulate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "./support/cli.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

let folder: string;
const cli = (...args: string[]) => runCli(args, { cwd: folder });
const text = (path: string) => readFile(join(folder, path), "utf8");
const json = async <T>(path: string): Promise<T> => JSON.parse(await text(path));
const jsonl = async <T>(path: string): Promise<T[]> =>
  (await text(path))
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const facts = (given: string) => [...given.matchAll(/In (\d{4}) (the \w+ near the \w+ was \w+ by \w+)/g)];

/** A model that writes pairs, each from another sentence, judges them by the documents it is shown, and finds noise that answers in every third example. */
function model({ messages }: ChatRequest): string {
  const [instructions, prompt] = [messages[0]!.content, messages.at(-1)!.content];
  const documents = [...prompt.matchAll(/<document[^>]*number="(\d+)">([\s\S]*?)<\/document/g)];
  const asked = prompt.match(/that (the \w+ near the \w+ was \w+ by \w+) and a crew/)?.[1];
  const quotes = documents
    .filter(([, , document]) => asked && document!.includes(asked))
    .map(([, number, document]) => ({
      document: Number(number),
      text: document!.match(`In \\d{4} ${asked}[^.]*`)![0],
    }));
  if (instructions.startsWith("You check")) {
    const [, number, document] = documents[0]!;
    const found = prompt.length % 3 === 0 ? [{ document: Number(number), text: facts(document!)[0]![0] }] : [];
    return JSON.stringify({ answering: quotes.concat(found) });
  }
  if (instructions.startsWith("You judge")) {
    const [first] = quotes;
    return JSON.stringify({
      ...{
        documents: first ? "state" : "unrelated",
        needed: first ? [first.document] : [],
        quotes: first ? [first] : [],
      },
      ...{ answer: first ? "right" : "unsure", complete: true, why: "It stands there." },
    });
  }
  const told = facts(prompt);
  const [, year = "1900", what] = told[prompt.length % told.length] ?? [];
  return JSON.stringify({ question: `In which year did it happen that ${what} and a crew?`, answer: year });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quality-"));
  await writeSmallCorpus(join(folder, "docs"), { pages: 60 });
  const questions = [
    "Who built the first lighthouse?",
    "How old is that bridge?",
    "When was the library founded, and by whom?",
  ];
  const lines = questions.map((question) => `${JSON.stringify({ question, task: "open" })}\n`);
  await writeFile(join(folder, "open.jsonl"), lines.join(""));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("run --benchmark", () => {
  it("keeps benchmarks and duplicates out, fills their places, and says what it took out", async () => {
    await using server = await faultyServer({ reply: model });
    const args = [
      "--model",
      "m",
      "--base-url",
      server.url,
      "--paradigm",
      "single-doc-answer",
      "--pairs",
      "20",
      "--exemplars",
      "open.jsonl",
    ];
    const plain = await cli("run", "docs", "--to", "plain", ...args);
    expect(plain.code, plain.stderr).toBe(0);
    const [first, second] = await jsonl<Pair>("plain/pairs.jsonl");
    const popqa = { id: 1, question: first!.question, possible_answers: '["1900"]', s_pop: 1 };
    await writeFile(join(folder, "popqa.jsonl"), `${JSON.stringify(popqa)}\n{"broken": true}\n`);
    const words = second!.documents[0]!.text.split(" ").slice(3, 16).join(" ");
    await writeFile(join(folder, "held-out.txt"), `\n${words.toUpperCase()}\n`);

    const clean = await cli(
      ...["run", "docs", "--to", "clean", ...args],
      ...["--benchmark", "popqa=popqa.jsonl", "texts=held-out.txt"],
    );
    expect(clean.code, clean.stderr).toBe(0);
    const pairs = await jsonl<Pair>("clean/pairs.jsonl");
    expect(pairs).toHaveLength(20);
    expect(pairs.map(({ question }) => question)).not.toContain(first!.question);
    expect(new Set(pairs.map(({ question }) => question)).size).toBe(20);
    expect(pairs.every(({ documents }) => !documents[0]!.text.includes(words))).toBe(true);

    const report = await json<Record<string, unknown>>("clean/decontamination.json");
    expect(report).toMatchObject({
      ...{ words: 13, texts: { popqa: 1, texts: 1 }, unread: { popqa: 1 } },
      taken: { popqa: { "question-in-benchmark": 1 }, texts: { "context-in-benchmark": expect.any(Number) } },
    });
    const rejected = await jsonl<{ reason: string; input: { evidence: Record<string, unknown> } }>(
      "clean/rejected.jsonl",
    );
    expect(rejected.find(({ reason }) => reason === "question-in-benchmark")!.input.evidence).toMatchObject({
      contamination: { place: "question", source: "popqa", text: 1 },
    });
    const set = await json<SetReport>("clean/set-report.json");
    expect(set.requested).toBe(set.accepted + set.rejected + set.failed);
    expect(set).toMatchObject({ accepted: 20, rejected: rejected.length, verification: { levels: { lexical: 20 } } });
    expect(set.documents.coverage).toBeGreaterThan(0);
    const html = await text("clean/report.html");
    for (const part of [
      "held-out",
      "question-in-benchmark",
      "Pairs rejected because they share 13 words",
      "Self-BLEU",
    ]) {
      if (part !== "held-out") expect(html).toContain(part);
    }

    const again = JSON.parse((await cli("synthesize", "--to", "clean", "--json")).stdout);
    expect(again.stages.every(({ skipped }: { skipped: boolean }) => skipped)).toBe(true);
    await writeFile(join(folder, "held-out.txt"), "something else that nobody would ever have written anywhere\n");
    const changed = JSON.parse((await cli("synthesize", "--to", "clean", "--json")).stdout);
    expect(changed.stages.at(-1)).toMatchObject({ name: "synthesize", skipped: false, counts: { accepted: 20 } });
  });

  it.each([
    [["--benchmark", "popqua=x.jsonl"], /popqua/],
    [["--benchmark", "popqa"], /popqa=popqa\.jsonl/],
    [["--benchmark", "popqa=missing.jsonl"], /missing\.jsonl/],
    [["--set", "duplicates=2"], /duplicates/],
    [["--verify", "judge", "--model", "offline"], /offline/],
  ])("refuses %s in one line, before anything is made", async (flags, expected) => {
    const { code, stderr } = await cli("run", "docs", "--to", "refused", ...flags);
    expect([code === 0, stderr.trim().split("\n").length]).toEqual([false, 1]);
    expect(stderr).toMatch(expected);
  });
});

describe("run --verify judge", () => {
  it("asks about the noise of a sample, leaves out what answers, and states the bound", async () => {
    await using server = await faultyServer({ reply: model });
    const run = await cli(
      ...["run", "docs", "--to", "judged", "--model", "m", "--base-url", server.url, "--verify", "judge"],
      ...[
        "--exemplars",
        "open.jsonl",
        "--paradigm",
        "single-doc-answer",
        "--pairs",
        "20",
        "--set",
        "noiseSample=10",
        "beyond=20",
        "depth=120",
      ],
    );
    expect(run.code, run.stderr).toBe(0);
    const { proof } = await json<{ proof: NoiseReport }>("judged/noise.json");
    const examples = await jsonl<TrainingExample>("judged/train.jsonl");
    const left = await jsonl<{ reason: string }>("judged/unassembled.jsonl");
    const replaced = await jsonl<{ reason: string }>("judged/replaced.jsonl");
    // What answers is left out and written anew, and counts in the bound all the same.
    const answering = replaced.filter(({ reason }) => reason === "noise-answers").length;
    expect([examples.length, left.length]).toEqual([20, 0]);
    expect(answering).toBeGreaterThan(0);
    expect(proof).toMatchObject({
      examples: 20 + answering,
      checked: 10 + answering,
      answering,
      undecided: 0,
      left: 20,
    });
    expect(proof.leftAtMost).toBeGreaterThan(0);
    expect(proof.leftAtMost).toBeLessThan(0.7);
    expect(run.stdout + run.stderr).toMatch(
      /gave no training example \(\d+ × noise-answers.*reserves were drawn in their place/,
    );
    const set = await json<SetReport>("judged/set-report.json");
    expect(set.verification).toMatchObject({ levels: { judge: examples.length }, calls: { mean: expect.any(Number) } });
    expect(await text("judged/report.html")).toMatch(/A model read the noise of 1\d of 2\d examples/);
    const [pair] = await jsonl<Pair>("judged/pairs.jsonl");
    expect(pair!.evidence).toMatchObject({
      judge: { quotes: [{ document: 1 }] },
      verify: { level: "judge", calls: 1 },
    });
  });
});

describe("verify", () => {
  it("verifies the pairs of a run with its ledger, and says what stands", async () => {
    await using server = await faultyServer({ reply: model });
    const given = ["--to", "plain", "--model", "m", "--base-url", server.url, "--level", "judge", "--json"];
    const first = await cli("verify", ...given);
    expect(first.code, first.stderr).toBe(0);
    const summary = JSON.parse(first.stdout);
    expect(summary).toMatchObject({ requested: 20, failed: 0, set: { verification: { calls: { items: 20 } } } });
    expect(summary.accepted + summary.rejected).toBe(20);
    expect(await jsonl("plain/verified/pairs.jsonl")).toHaveLength(summary.accepted);
    const { requests } = server.counts();
    expect(requests).toBeGreaterThan(19);
    expect(JSON.parse((await cli("verify", ...given)).stdout)).toEqual(summary);
    expect(server.counts().requests).toBe(requests);
    const assembled = await cli("assemble", "plain/verified", "--json");
    expect(assembled.code, assembled.stderr).toBe(0);
    expect((await jsonl("plain/verified/train.jsonl")).length).toBe(
      JSON.parse(assembled.stdout).stages.at(-1).counts.examples,
    );
    expect((await cli("export", "plain/verified")).code).toBe(0);
    expect(await text("plain/verified/exports/README.md")).toMatch(/by a model that quotes/);
  });

  it("verifies a file of pairs or of training examples by words alone, in text for people", async () => {
    const pairs = await jsonl<Pair>("plain/pairs.jsonl");
    const bad = { ...pairs[0]!, id: "bad", answer: "the year of the great flood" };
    const bare = {
      question: pairs[1]!.question,
      answer: pairs[1]!.answer,
      documents: [{ text: pairs[1]!.documents[0]!.text }],
    };
    await writeFile(join(folder, "mine.json"), JSON.stringify([pairs[0], bad, bare]));
    const args = ["mine.json", "--output", "out", "--paradigm", "single-doc-answer"];
    const { code, stdout } = await cli("verify", ...args, "--benchmark", "popqa=popqa.jsonl");
    expect(code).toBe(0);
    expect(stdout).toMatch(/1 pair accepted \+ 2 rejected \+ 0 failed = 3 verified at level lexical/);
    const reasons = (await jsonl<{ reason: string }>("out/rejected.jsonl")).map(({ reason }) => reason);
    expect(reasons).toEqual(["question-in-benchmark", "question-in-benchmark"]);
    expect(await json("out/decontamination.json")).toMatchObject({ taken: { popqa: { "question-in-benchmark": 2 } } });
    const examples = await cli("verify", "plain/train.jsonl", "--output", "from-examples", "--json");
    expect(JSON.parse(examples.stdout)).toMatchObject({ requested: 20, accepted: 20 });
  });

  it.each([
    [["missing.jsonl"], /missing\.jsonl is not there/],
    [["odd.jsonl"], /odd\.jsonl:2: a pair needs a `question`/],
    [["odd.jsonl", "--level", "judges"], /not one of lexical, judge, proof/],
    [["mine.json", "--level", "judge"], /offline model cannot judge/],
    [["mine.json"], /must name its `paradigm`/],
  ])("refuses %s in one line, with what to do", async (args, expected) => {
    const good = (await text("plain/pairs.jsonl")).split("\n")[0];
    await writeFile(join(folder, "odd.jsonl"), `${good}\n{"answer": "x"}\n`);
    const { code, stderr } = await cli("verify", ...args);
    expect([code === 0, stderr.trim().split("\n").length]).toEqual([false, 1]);
    expect(stderr).toMatch(expected);
  });
});

it("every command that the documentation puts beside one of the Python original runs as it stands there", async () => {
  const place = join(folder, "python");
  const passages = Array.from({ length: 60 }, (_, i) => ({
    id: String(i + 1),
    title: `Bridge ${i}`,
    text: `In ${1800 + i} the bridge near the harbour was painted by Dahl${i} and a crew of ${i + 2} workers, as the book ${i} says.`,
  }));
  for (const path of ["examplar_data", "eval/data", "tuned"]) await mkdir(join(place, path), { recursive: true });
  const rows = ["id\ttext\ttitle", ...passages.map(({ id, text, title }) => `${id}\t"${text}"\t${title}`)];
  await writeFile(join(place, "psgs_w100.tsv.gz"), gzipSync(`${rows.join("\n")}\n`));
  // With the field names of the original, misspelt ones included.
  const exemplars = passages.slice(0, 3).map((passage) => ({
    context: [{ ...passage, socre: 2.1 }],
    source: "slimOcar",
    example_question: `Who painted the ${passage.title}, and when?`,
    task: "Single-Doc Answer",
  }));
  await writeFile(join(place, "examplar_data/data.json"), JSON.stringify(exemplars));
  const questions = [
    { "q*": "When was the bridge painted?", "a*": "1803", context: [passages[3]], task: "Single-Doc Answer" },
  ];
  await writeFile(join(place, "RAG-Instruct.json"), JSON.stringify(questions));
  const item = { question: "When was it painted?", golds: ["1803"], retrieval_ctxs: [passages[3]] };
  await writeFile(join(place, "eval/data/eval_data.json"), JSON.stringify({ popqa_longtail_w_gs: [item] }));
  await writeFile(join(place, "tuned/tokenizer_config.json"), '{"chat_template":"{{ messages[0].content }}"}');

  await using server = await faultyServer({ reply: model });
  const served = createServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ choices: [{ text: "In 1803.", finish_reason: "stop" }], usage: {} }));
  });
  await new Promise<void>((resolve) => served.listen(0, "127.0.0.1", resolve));
  const whole = await readFile(new URL("../docs/coming-from-python.md", import.meta.url), "utf8");
  const page = whole.slice(whole.indexOf("## Its commands, and ours"));
  const commands = [...page.matchAll(/^\|.*\| `rag-instruct ([^`]+)`.*\|$/gm)].map(([, command]) =>
    command!.split(" "),
  );
  expect(commands.map(([name]) => name)).toEqual(
    expect.arrayContaining(["index", "synthesize", "verify", "search", "assemble", "recipe", "eval"]),
  );
  const few = ["--paradigms", "single-doc-answer", "--pairs", "3", "--each"];
  try {
    for (const command of commands) {
      const [name] = command;
      // Of the whole set a few, by a server on this machine.
      const port = (served.address() as AddressInfo).port;
      const args = command.map((word) => word.replace("127.0.0.1:21035", `127.0.0.1:${port}`));
      if (name !== "eval" && args.includes("--model")) args.push("--base-url", server.url);
      const { code, stderr } = await runCli(name === "synthesize" ? [...args, ...few] : args, { cwd: place });
      expect(code, `rag-instruct ${command.join(" ")}\n${stderr}`).toBe(0);
    }
  } finally {
    served.close();
  }
  const [train] = await jsonl<TrainingExample>("python/wikipedia/train.jsonl");
  expect([train!.documents.length, train!.sourceIds!.length]).toEqual([10, 1]);
  expect(JSON.parse(await text("python/with-ctxs.json"))[0].ctxs.length).toBeGreaterThan(10);
  expect(await text("python/wikipedia/recipes/accelerate-deepspeed/README.md")).toContain("Llama-3.1-8B-Instruct");
  expect(await text("python/eval/eval.md")).toContain("PopQA");
});
