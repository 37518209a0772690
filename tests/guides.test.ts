import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Pair } from "@rag-instruct/core";
import { type ChatRequest, type FaultyServer, faultyServer } from "@rag-instruct/core/testing";
import { demoCorpus } from "rag-instruct";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeTinyModel } from "../packages/embed/test/tiny-model.ts";
import { runCli } from "./support/cli.ts";
import { embeddingServer } from "./support/embedding-server.ts";
import { ggufFile } from "./support/llama-server.ts";
import { jsonl } from "./support/run-files.ts";
import { replyAsOfflineModel } from "./support/served-offline-model.ts";
import { sectionsOf, type WalkOptions, walk } from "./support/walk.ts";

// The model of a file computes for ten seconds, which take minutes on a machine that has other work.
const timeout = 900_000;
const guides = fileURLToPath(new URL("../docs/guides/", import.meta.url));

/** What a guide needs beside a handbook, and what cannot be done here. */
interface Guide extends Pick<WalkOptions, "cannot" | "mayEnd"> {
  /** Before the steps of a section. */
  prepare?(place: string, heading: string): Promise<void>;
  instead?: WalkOptions["instead"];
  /** What a section lacks, by its heading. */
  lacks?: Readonly<Record<string, string | false>>;
}

// In the folder from which the programs of the guides find the packages.
let folder: string;
let server: FaultyServer;
let embeddings: Awaited<ReturnType<typeof embeddingServer>>;
const evaluated = createServer((_, response) => {
  const choice = { text: "In 1903.", message: { role: "assistant", content: "In 1903." }, finish_reason: "stop" };
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ choices: [choice], usage: {} }));
});
const evaluatedAt = () => `127.0.0.1:${(evaluated.address() as AddressInfo).port}`;

/** Answers by their questions, and how many documents each was written from. */
const written = new Map<string, { answer: string; documents: number }>();

/**
 * A capable model behind HTTP: it writes what the offline model writes, takes what it is asked to judge for good, and as a reader answers
 * from all the documents that a pair was written from.
 */
async function reply(request: ChatRequest): Promise<string> {
  const [{ content: instructions } = { content: "" }] = request.messages;
  const prompt = request.messages.at(-1)!.content;
  if (instructions.startsWith("You sort")) return JSON.stringify({ reason: "It asks for a fact.", keep: true });
  if (instructions.startsWith("You check")) return JSON.stringify({ answering: [] });
  const documents = prompt.split("<document ").length - 1;
  if (instructions.startsWith("Answer the question")) {
    const [, known] = [...written].find(([question]) => prompt.includes(question)) ?? [];
    const isKnown = known?.documents === documents;
    return JSON.stringify({ answer: isKnown ? known.answer : "Nobody knows.", sure: isKnown });
  }
  if (!instructions.startsWith("You judge")) {
    const text = await replyAsOfflineModel(request);
    // It says in words where it has nothing to ask.
    const { question, answer } = text.startsWith("{") ? JSON.parse(text) : {};
    if (question) written.set(question, { answer, documents });
    return text;
  }
  const quotes = [...prompt.matchAll(/<document[^>]*number="(\d+)">\n(?:.*\n)?((?:\S+ ){4}\S+)/g)].map(
    ([, number, text]) => ({ document: Number(number), text: text! }),
  );
  const needed = quotes.map(({ document }) => document);
  const verdict = { answer: "right", complete: true, why: "The first sentence of the document says so." };
  return JSON.stringify({ documents: "state", needed, quotes, ...verdict });
}

const records = (...rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const popqa = { id: 1, question: "When was the bridge opened?", possible_answers: '["1903"]', s_pop: 1 };

const walked: Readonly<Record<string, Guide>> = {
  "own-documents": {
    async prepare(place) {
      for (const name of ["notes/2026", "sets", "lmsys"]) await mkdir(join(place, name), { recursive: true });
      await writeFile(
        join(place, "wiki.jsonl"),
        records({ id: "1", title: "Carts", text: "The cart shed has room for nine." }),
      );
      await writeFile(join(place, "notes/2026/may.md"), "# May\n\nThe pier was painted in May.\n");
      const page = await readFile(join(guides, "own-documents.md"), "utf8");
      await writeFile(join(place, "questions.json"), page.match(/```json\n([\s\S]*?)```/)![1]!);
      await writeFile(
        join(place, "sets/alpaca.jsonl"),
        records({ instruction: "When was the bridge built?", output: "In 1903." }),
      );
      const conversation = [
        { role: "user", content: "Who painted the ceiling?" },
        { role: "assistant", content: "Nobody knows." },
      ];
      await writeFile(
        join(place, "lmsys/chats.jsonl"),
        records({ conversation_id: "c1", conversation, language: "English" }),
      );
      // A model of the same form, which knows nothing.
      await writeTinyModel(join(place, "all-MiniLM-L6-v2"));
    },
    // The model that stands in writes English.
    instead: [[/ {2}language: "German",\n/, ""]],
  },
  "local-models": {
    async prepare(place) {
      if (ggufFile)
        for (const name of ["Qwen3-8B-Q4_K_M.gguf", "model.gguf"]) await symlink(ggufFile, join(place, name));
    },
    // The model computes for ten seconds at each; tests/real-model.test.ts has it write in a program and come from a hub.
    cannot: { "--model hf:": "a download of gigabytes", 'gguf: "model.gguf"': "as long again as the command" },
    lacks: { "A GGUF file": !ggufFile && "RAG_INSTRUCT_GGUF" },
    // A model of 135 million parameters.
    mayEnd: /none of \d+ pairs was accepted/,
  },
  cost: {},
  quality: {
    async prepare(place) {
      await cp(join(place, "run/pairs.jsonl"), join(place, "pairs.jsonl"));
      await writeFile(join(place, "popqa.jsonl"), records(popqa));
      const hop = {
        _id: "1",
        question: "Who opened the bridge that is the oldest?",
        answer: "Dahl",
        type: "bridge",
        level: "hard",
      };
      await writeFile(join(place, "hotpot_dev.json"), JSON.stringify([{ ...hop, supporting_facts: [], context: [] }]));
      await writeFile(
        join(place, "held-out.txt"),
        "A text that nobody may train on, of more than thirteen words in a row, all of them ours.\n",
      );
    },
  },
  reviewing: {
    async prepare(place) {
      const [pair] = await jsonl<Pair>(join(place, "run/pairs.jsonl"));
      const decision = { from_name: "decision", value: { choices: ["accepted"] } };
      const task = { data: pair, annotations: [{ completed_by: "ada", result: [decision] }] };
      await writeFile(join(place, "annotated.json"), JSON.stringify([task]));
    },
  },
  training: {},
  evaluating: {
    async prepare(place) {
      await writeFile(join(place, "popqa.jsonl"), records(popqa));
      const choices = { text: ["1901", "1903"], label: ["A", "B"] };
      await writeFile(
        join(place, "ARC-Challenge-Test.jsonl"),
        records({
          id: "1",
          question: {
            stem: popqa.question,
            choices: choices.text.map((text, i) => ({ text, label: choices.label[i] })),
          },
          answerKey: "B",
        }),
      );
      const item = {
        question: popqa.question,
        golds: ["1903"],
        retrieval_ctxs: [{ id: "1", title: "Bridge", text: "It was opened in 1903." }],
      };
      await writeFile(join(place, "eval_data.json"), JSON.stringify({ popqa_longtail_w_gs: [item] }));
      await mkdir(join(place, "tuned"));
      await writeFile(join(place, "tuned/tokenizer_config.json"), '{"chat_template":"{{ messages[0].content }}"}');
    },
  },
  publishing: { cannot: { "HF_TOKEN=": "a hub: tests/alignment-data.test.ts sends to one" } },
};

/** Guides that other tests walk, and how. */
const elsewhere = {
  wikipedia: "tests/wikipedia.test.ts, with 320 passages for 21 million, which are not downloaded",
  "coming-from-python": "tests/quality.test.ts; its line of Python needs the package datasets",
  batch: "tests/batch-run.test.ts, with batches that end at once",
  "many-machines": "tests/workers.test.ts, with Redis; PostgreSQL in tests/postgres.test.ts",
  agents: "tests/agents.test.ts, by a client of the protocol, for which its command waits",
  report: "it has nothing to type",
};

beforeAll(async () => {
  folder = await mkdtemp(fileURLToPath(new URL("./.guides-", import.meta.url)));
  server = await faultyServer({ reply });
  embeddings = await embeddingServer();
  await new Promise<void>((resolve) => evaluated.listen(0, "127.0.0.1", resolve));
  await cp(demoCorpus(), join(folder, "handbook"), { recursive: true });
  // The run that sections go on from.
  const run = await runCli(["run", "handbook/", "--pairs", "2", "--each", "--model", "gpt-4o-mini"], {
    cwd: folder,
    env: environment(),
  });
  expect(run.code, run.stderr).toBe(0);
});
afterAll(async () => {
  await Promise.all([server?.close(), embeddings?.[Symbol.asyncDispose]()]);
  evaluated.close();
  await rm(folder, { recursive: true, force: true });
});

function environment(): Record<string, string> {
  // OpenAI's own models, at an address of this machine.
  return { OPENAI_API_KEY: "k", OPENAI_BASE_URL: server.url, HF_TOKEN: "hf_of_nobody" };
}

/** What stands for servers of a reader's own, and for numbers that would take long. */
function substitutes(): WalkOptions["instead"] {
  const few = "--pairs 1 --total --paradigms single-doc-answer --max-tokens 40";
  return [
    [/"dimensions":768,"baseUrl":"[^"]*"/, `"dimensions":${embeddings.dimensions},"baseUrl":"${embeddings.url}"`],
    [/http:\/\/127\.0\.0\.1:11434\/v1|https:\/\/models\.example\/v1/, server.url],
    [/127\.0\.0\.1:(?:8000|8001|30000)/, evaluatedAt()],
    [/ (?=--model \.\/\S+\.gguf)/, ` ${few} `],
    [/--pairs [2-9]\d*/, "--pairs 2"],
    [/pairs: \d+/, "pairs: 2"],
    [/rag-instruct run (?!.*--pairs)/, "rag-instruct run --pairs 2 --each "],
    // What OpenAI asks for; an address of one's own has prices of its own.
    [
      /--model (gpt-4o\S*)(.*--budget \d+)/,
      `--model $1$2 --set 'prices={"$1":{"inputPerMillion":1,"outputPerMillion":2}}'`,
    ],
    [/(corpus: \{ from: "handbook" \},\n {2}model: \{ name)/, "pairs: 2, $1"],
  ];
}

it("every guide is walked here, or elsewhere: a new one is named in `walked`, or in `elsewhere` with the test that walks it", async () => {
  const names = ["coming-from-python", ...(await readdir(guides)).map((name) => name.replace(".md", ""))];
  expect(Object.keys({ ...walked, ...elsewhere }).sort()).toEqual(names.sort());
  for (const [name, { cannot = {} }] of Object.entries(walked))
    for (const words of Object.keys(cannot))
      expect(await readFile(join(guides, `${name}.md`), "utf8")).toContain(words);
});

for (const [name, { prepare, instead = [], cannot, mayEnd, lacks = {} }] of Object.entries(walked)) {
  describe(`the guide ${name}, as it is written`, async () => {
    for (const section of await sectionsOf(join(guides, `${name}.md`))) {
      const { heading } = section;
      const lacking = lacks[heading];
      it.skipIf(lacking)(
        `${heading}${lacking ? ` (needs ${lacking})` : ""}`,
        async () => {
          const place = join(folder, `${name}-${heading.replaceAll(/\W+/g, "-")}`);
          for (const kept of ["handbook", "run"]) await cp(join(folder, kept), join(place, kept), { recursive: true });
          await prepare?.(place, heading);
          await walk(section, {
            place,
            env: environment(),
            instead: [...instead, ...substitutes()],
            cannot: { "npm install": "tests/readme.test.ts", ...cannot },
            mayEnd,
          });
        },
        timeout,
      );
    }
  });
}
