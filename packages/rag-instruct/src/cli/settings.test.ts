import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { paradigms } from "@rag-instruct/paradigms";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { resolveConfig } from "../config/load.ts";
import { exportRun } from "../pipeline/outputs.ts";
import { openRunRetriever } from "../pipeline/search.ts";
import { keepSettings, keptSettings } from "../run/kept-settings.ts";
import { nameModel } from "../run/models.ts";
import { benchmarksOf, readSettings } from "./settings.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "settings-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const read = (flags: Record<string, unknown>, between = {}) =>
  readSettings({ flags, between, documents: ["docs"], isAlone: true, to: folder });

it.each([
  ['prices.gpt-4.1={"inputPerMillion":2,"outputPerMillion":8}'],
  ["prices.gpt-4.1.inputPerMillion=2", "prices.gpt-4.1.outputPerMillion=8"],
])("--set takes names with points in them: %s", async (...set) => {
  expect((await read({ set })).prices).toEqual({
    "gpt-4.1": { inputPerMillion: 2, outputPerMillion: 8, batchShare: 1 },
  });
  expect(await read({ set: ["settings.headers.x.y=1a", "settings.body.a.b=2", "corpus.words=80"] })).toMatchObject({
    settings: { headers: { "x.y": "1a" }, body: { a: { b: 2 } } },
    corpus: { words: 80 },
  });
});

it("flags say how documents are read, beside each other and over the config", async () => {
  const flags = { format: "csv", encoding: "gbk", field: ["text=abstract", "id=meta.doi"] };
  const between = { corpus: { by: "headings", fields: { title: "name", text: "body" } } };
  expect((await read(flags, between)).corpus).toMatchObject({
    format: "csv",
    encoding: "gbk",
    by: "headings",
    fields: { title: "name", text: "abstract", id: "meta.doi" },
  });
  await expect(read({ field: ["txt=abstract"] })).rejects.toThrow(/^--field: .*txt is not an option/);
});

it.each<[Record<string, unknown>, RegExp]>([
  [{ set: ["corpus.wrods=3"] }, /^--set corpus\.wrods=3: corpus\.wrods is not an option; did you mean "words"\?/],
  [{ set: ["corpus.words=many"] }, /^--set corpus\.words=many: corpus\.words must be a number/],
  [{ set: ["depth=100"] }, /^--set depth=100: depth \(100\) must be larger than beyond/],
  [{ set: ["settings.temperature=3"] }, /^--set settings\.temperature=3: settings\.temperature/],
  [{ temperature: 3 }, /^--temperature: settings\.temperature/],
  [{ retrieval: "dense" }, /^--retrieval: retrieval "dense" needs embeddings/],
  [{ verify: "judged" }, /^--verify: verify: "judged" is not one of/],
  [{ set: ["seed=1"], format: "cvs" }, /^--format: corpus\.format: "cvs" is not one of.*did you mean "csv"/],
])("a fault is blamed on the flag that has it: %j", async (flags, message) => {
  await expect(read(flags)).rejects.toThrow(message);
});

it("a fault of what a folder keeps is blamed on its file, and one of a config on the config", async () => {
  await writeFile(join(folder, "settings.json"), '{"corpus":{"from":["docs"]},"seed":"one"}');
  await expect(readSettings({ flags: { to: folder }, prefersFolder: true })).rejects.toThrow(
    `${join(folder, "settings.json")}: seed must be a number`,
  );
  await writeFile(join(folder, "c.json"), '{"corpus":{"from":["docs"]},"filter":"yes"}');
  const flags = { to: folder, config: join(folder, "c.json"), set: ["seed=1"] };
  await expect(readSettings({ flags })).rejects.toThrow(/c\.json: filter must be a boolean/);
});

describe("pairs", () => {
  const ids = Object.keys(paradigms);
  const all = (each: number) => Object.fromEntries(ids.map((id) => [id, each]));
  const said = () => vi.spyOn(process.stderr, "write").mockReturnValue(true);
  afterEach(() => void vi.restoreAllMocks());

  it.each<[Record<string, unknown>, Record<string, unknown>, Record<string, number>]>([
    [{ pairs: 200, total: true }, {}, all(40)],
    [{ pairs: 7, total: true }, {}, { ...all(1), [ids[0]!]: 2, [ids[1]!]: 2 }],
    [{ pairs: 3, each: true }, {}, all(3)],
    [{}, { pairs: { total: 50 } }, all(10)],
    [{}, { pairs: { each: 4 } }, all(4)],
    [{}, { pairs: 4 }, all(4)],
    [{ pairs: 3, total: true, paradigms: [ids[2]!, ids[4]!] }, {}, { [ids[2]!]: 2, [ids[4]!]: 1 }],
    [{ paradigms: [ids[2]!] }, { pairs: { [ids[2]!]: 9 } }, { [ids[2]!]: 9 }],
    [{ paradigms: [ids[1]!] }, {}, { [ids[1]!]: 20 }],
    [{ pairs: { "cited-answer": 20, [ids[0]!]: 3 } }, { pairs: 4 }, { "cited-answer": 20, [ids[0]!]: 3 }],
    [{ paradigms: ["table-answer"], pairs: "5" }, {}, { "table-answer": 5 }],
    [{ pairs: "cited-answer=2,unanswerable=1" }, {}, { "cited-answer": 2, unanswerable: 1 }],
    [{}, { pairs: { unanswerable: 2 } }, { unanswerable: 2 }],
  ])("of %j over %j", async (flags, between, counts) => {
    const stderr = said();
    expect((await read(flags, between)).counts).toEqual(counts);
    expect(stderr).not.toHaveBeenCalled();
  });

  it("alone count each paradigm, as they did, with a note", async () => {
    const stderr = said();
    expect((await read({ pairs: 200 })).counts).toEqual(all(200));
    expect(stderr.mock.calls).toEqual([
      [expect.stringMatching(/note:.*--pairs 200 is 200 of each paradigm; --each .*--total/)],
    ]);
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ total: true }, /--total says what --pairs counts; give both, such as --pairs 100 --total/],
    [{ pairs: 5, total: true, each: true }, /--each and --total say two things of --pairs/],
    [{ pairs: 0, total: true }, /--pairs must be 1 or more/],
    [{ pairs: "x" }, /--pairs x must be a whole number, or numbers by paradigm/],
    [{ pairs: { unanswerable: 2 }, each: true }, /--each says what --pairs counts/],
    [{ pairs: { "cited-answers": 2 } }, /there is no paradigm "cited-answers".*did you mean/i],
  ])("are refused: %j", async (flags, message) => {
    await expect(read(flags)).rejects.toThrow(message);
  });
});

it("benchmarks are several in one flag or more, each with one or more files", () => {
  expect(benchmarksOf(["popqa=a.jsonl,hotpotqa=b.json", "popqa=c.jsonl,d.jsonl"])).toEqual({
    popqa: ["a.jsonl", "c.jsonl", "d.jsonl"],
    hotpotqa: ["b.json"],
  });
});

describe("how a model is asked", () => {
  it("is set by flags, over what is configured", async () => {
    const between = { settings: { topP: 0.9, temperature: 1, body: { top_k: 20 } } };
    const flags = {
      temperature: 0.2,
      maxTokens: 500,
      body: ["enable_thinking=false", "chat_template_kwargs.enable_thinking=false", "mode=fast"],
    };
    expect((await read(flags, between)).settings).toEqual({
      topP: 0.9,
      temperature: 0.2,
      maxOutputTokens: 500,
      body: { top_k: 20, enable_thinking: false, chat_template_kwargs: { enable_thinking: false }, mode: "fast" },
    });
    expect((await read({})).settings).toBeUndefined();
    await expect(read({ body: ["=1"] })).rejects.toThrow("--body =1 must be a field and its value");
    await expect(read({ temperature: 3 })).rejects.toThrow(/settings.temperature/);
  });

  it("is kept in the folder without the keys in its headers", async () => {
    const headers = { "x-api-key": "a key of words", "x-title": "pairs" };
    await keepSettings(await read({}, { settings: { temperature: 0.5, headers } }));
    expect((await keptSettings(folder))?.settings).toEqual({ temperature: 0.5, headers: { "x-title": "pairs" } });
    expect(await readFile(join(folder, "settings.json"), "utf8")).not.toContain("a key of words");
  });
});

it("an address with a password is refused before anything is written, and shown without it; paths of one host are endpoints of their own", () => {
  const named = (baseUrl: string) =>
    resolveConfig({ to: "run", corpus: { from: "docs" }, model: { name: "m", baseUrl } });
  let message = "";
  try {
    named("http://me:open-sesame-1@127.0.0.1:4000/v1");
  } catch (error) {
    ({ message } = error as Error);
  }
  expect(message).toMatch(/baseUrl.*must hold no user and password/);
  expect(message).not.toContain("sesame");
  const providers = ["/v1", "/v1/", "/team-a/v1", "/team-b/v1"].map(
    (path) => nameModel(named(`http://gateway.example:4000${path}`).model).provider,
  );
  expect(providers).toEqual([
    "gateway.example:4000.chat",
    "gateway.example:4000.chat",
    "gateway.example:4000/team-a/v1.chat",
    "gateway.example:4000/team-b/v1.chat",
  ]);
});

it("a command that a message advises quotes the paths that a shell would part", async () => {
  await mkdir(join(folder, "my run"));
  const config = resolveConfig({ to: join(folder, "my run"), corpus: { from: ["my docs", "it's"] } });
  await writeFile(join(config.to, "plan.jsonl"), "");
  await expect(openRunRetriever(config)).rejects.toThrow(
    `make it with: rag-instruct index 'my docs' 'it'\\''s' --to '${config.to}'`,
  );
  await expect(exportRun(config)).rejects.toThrow(`make them with: rag-instruct assemble '${config.to}'`);
});
