import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readExemplars, type UnreadExemplar } from "./read.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "exemplars-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(name: string, content: unknown, options = {}) {
  const path = join(folder, name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return Array.fromAsync(readExemplars(path, options));
}

/** A row of LMSYS-chat-1M. */
function lmsysRow({
  content,
  flagged = false,
  redacted = false,
}: {
  content: unknown;
  flagged?: boolean;
  redacted?: boolean;
}) {
  return {
    conversation_id: "33f0",
    model: "vicuna-13b",
    conversation: [
      { content, role: "user" },
      { content: "…", role: "assistant" },
    ],
    turn: 1,
    language: "English",
    openai_moderation: [
      { categories: { hate: false }, category_scores: { hate: 0.1 }, flagged },
      { flagged: !flagged },
    ],
    redacted,
  };
}

describe("readExemplars", () => {
  it("reads LMSYS-chat-1M, and says which rows were flagged or redacted where it matters", async () => {
    const rows = [
      lmsysRow({ content: "What is a fjord?" }),
      lmsysRow({ content: "Something vile", flagged: true }),
      lmsysRow({ content: "Who is NAME_1?", redacted: true }),
      lmsysRow({ content: "What is a loch?", redacted: true }),
      lmsysRow({ content: null }),
      { ...lmsysRow({ content: "x" }), conversation: [{ content: "I begin", role: "assistant" }] },
      { conversation_hash: "9", conversation: [{ role: "user", content: "vile", toxic: true, redacted: false }] },
    ];
    const unread: UnreadExemplar[] = [];
    const exemplars = await read("lmsys.json", rows, { onUnread: (row: UnreadExemplar) => unread.push(row) });
    expect(exemplars.map(({ question, source, language }) => [question, source, language])).toEqual([
      ["What is a fjord?", "lmsys", "English"],
      ["What is a loch?", "lmsys", "English"],
    ]);
    expect(unread.map(({ line, reason }) => [line, reason])).toEqual([
      [2, "flagged"],
      [3, "redacted"],
      [5, "not-text"],
      [6, "no-human-turn"],
      [7, "flagged"],
    ]);
  });

  it("reads the method's own file with its documents, scenarios, options and spelling", async () => {
    const row = {
      example_question: "Which is it?",
      source: "slimOcar",
      task: "Single-Doc Useless",
      context: [{ id: 7, title: "T", text: "x", socre: "1.5" }],
      Options: ["red", "green"],
    };
    const [exemplar] = await read("data.json", [row]);
    expect(exemplar).toMatchObject({
      source: "SlimOrca",
      task: "multiple-choice",
      documents: [{ id: "7", title: "T", text: "x", metadata: { score: 1.5 } }],
      paradigm: "useless-doc",
      options: ["red", "green"],
    });
  });

  it("gives every odd row a line and a reason", async () => {
    const rows: [unknown, string][] = [
      ["not json", "not-json"],
      [[1], "not-an-object"],
      [{ colour: 1 }, "unknown-shape"],
      [{ instruction: "", input: "", output: "" }, "empty"],
      [{ instruction: 7, output: "" }, "not-text"],
      [{ conversations: [] }, "no-human-turn"],
      [
        {
          conversations: [
            { from: "human", value: " " },
            { from: "human", value: "More?" },
          ],
        },
        "empty",
      ],
      [{ conversations: [null, 3, { from: "human", value: { x: 1 } }] }, "not-text"],
      [{ messages: [{ role: "user", content: [{ type: "image", url: "x" }] }] }, "not-text"],
      [{ turns: [] }, "not-text"],
      [{ example_question: "Q?", context: [{ title: "no text" }] }, "bad-documents"],
      [{ question: "Q?", task: "sing" }, "bad-task"],
    ];
    const lines = rows.map(([row]) => (row === "not json" ? row : JSON.stringify(row))).join("\n");
    const unread: UnreadExemplar[] = [];
    const exemplars = await read("odd.jsonl", lines, { onUnread: (row: UnreadExemplar) => unread.push(row) });
    expect(exemplars).toEqual([]);
    expect(unread.map(({ line, reason }) => [line, reason])).toEqual(rows.map(([, reason], i) => [i + 1, reason]));
  });

  it("throws at the first such row when nobody counts them, naming file and line", async () => {
    await expect(read("bad.jsonl", '{"question":"A good one?"}\n{"colour":1}\n')).rejects.toThrow(
      /bad\.jsonl:2: its keys \(colour\) fit no known exemplar format \(unknown-shape\); pass onUnread/,
    );
  });

  it("refuses whole files that hold something else, with what to give instead", async () => {
    const refused = (content: unknown) => read("file.json", content, { onUnread: () => {} });
    await expect(refused({ input_ids: [1, 2], labels: [1, 2] })).rejects.toThrow(/token ids, not text/);
    await expect(refused({ a: { file_name: "a.json" }, b: { hf_hub_url: "x/y" } })).rejects.toThrow(/list of datasets/);
    await expect(refused([{ colour: 1 }, { colour: 2 }])).rejects.toThrow(/no row of a known exemplar format \(line 1/);
    await expect(refused([])).resolves.toEqual([]);
    await expect(Array.fromAsync(readExemplars(join(folder, "none.json")))).rejects.toThrow(/none\.json/);
  });

  it("labels a row that could be of several formats as what its file is", async () => {
    const alone = (n: number) => ({ instruction: `Why does it rain on day ${n}?`, output: "…" });
    const sources = async (name: string, rows: unknown[]) => [
      ...new Set((await read(name, rows)).map(({ source }) => source)),
    ];
    expect(await sources("a.json", [alone(1), alone(2), { ...alone(3), input: "In Wales." }])).toEqual(["alpaca"]);
    expect(await sources("my_alpaca_data.json", [alone(1), alone(2)])).toEqual(["alpaca"]);
    expect(await sources("alpaca_evol_instruct_70k.json", [alone(1), alone(2)])).toEqual(["wizardlm"]);
    const turns = (value: string, extra = {}) => ({ conversations: [{ from: "human", value, ...extra }] });
    const orca = [turns("Why?"), turns("What is rain?", { weight: 0 }), turns("What is snow?")];
    expect(await sources("b.json", orca)).toEqual(["slimorca"]);
    expect(await sources("c.json", orca.slice(2))).toEqual(["sharegpt"]);
  });

  it("takes a format by name, which then is the source too, and refuses names there are none of", async () => {
    const row = { id: "a", conversations: [{ from: "human", value: "What is a fjord?" }] };
    expect((await read("x.json", [row], { format: "wizardlm" }))[0]!.source).toBe("wizardlm");
    expect((await read("x.json", [row], { source: "mine" }))[0]!.source).toBe("mine");
    await expect(read("x.json", [row], { format: "dolly" })).rejects.toThrow(
      /it has no instruction; its keys are id, conv/,
    );
    await expect(read("x.json", [row], { format: "nonsense" })).rejects.toThrow(/choose from alpaca, dolly,/);
  });

  it("reads several files in turn, in UTF-16 and packed ones too", async () => {
    const rows = '{"question":"Où est la Loire ?"}\n{"question":"Et la Seine ?"}\n';
    await writeFile(join(folder, "a.jsonl"), Buffer.from(`\ufeff${rows}`, "utf16le"));
    await writeFile(join(folder, "b.jsonl.gz"), gzipSync(rows));
    const exemplars = await Array.fromAsync(readExemplars([join(folder, "a.jsonl"), join(folder, "b.jsonl.gz")]));
    expect(exemplars.map(({ question }) => question)).toEqual([
      "Où est la Loire ?",
      "Et la Seine ?",
      "Où est la Loire ?",
      "Et la Seine ?",
    ]);
    expect(exemplars[2]!.id).toBe(exemplars[0]!.id);
  });
});
