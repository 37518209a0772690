import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "./support/cli.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

let folder: string;
let corpus: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bad-input-"));
  corpus = await writeSmallCorpus(join(folder, "corpus"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("bad input gets one line that says what to do, exit code 1 or 2, and leaves nothing half-written", () => {
  const cases: [name: string, message: RegExp, prepare: (place: string) => Promise<string[]>, isUsage?: true][] = [
    ["no such folder", /error: .*nowhere.* not there/, async () => ["nowhere"]],
    [
      "an empty corpus",
      /error: .*(no documents|empty)/i,
      async (place) => {
        await mkdir(join(place, "empty"));
        return ["empty"];
      },
    ],
    [
      "fewer than ten passages",
      /error: .*\b3 passages.*needs 10/,
      async (place) => {
        for (const n of [1, 2, 3]) await writeFile(join(place, `${n}.md`), `Page ${n} is short.`);
        return ["1.md", "2.md", "3.md"];
      },
    ],
    [
      "exemplars that do not parse",
      /error: .*bad\.jsonl:2: not JSON/,
      async (place) => {
        await writeFile(join(place, "bad.jsonl"), '{"question":"What is it?"}\n{"question":\n');
        return [corpus, "--exemplars", "bad.jsonl"];
      },
    ],
    [
      "exemplars of no known shape",
      /error: .*odd\.jsonl has no row of a known exemplar format \(line 1: .*fit no known/,
      async (place) => {
        await writeFile(join(place, "odd.jsonl"), '{"colour":"red"}\n');
        return [corpus, "--exemplars", "odd.jsonl"];
      },
    ],
    [
      "an unknown paradigm",
      /error: there is no paradigm "single-doc"; choose from useless-doc/,
      async () => [corpus, "--paradigm", "single-doc"],
      true,
    ],
    [
      "a run folder that cannot be written",
      /error: cannot write into .*file\/run/,
      async (place) => {
        await writeFile(join(place, "file"), "");
        return [corpus, "--to", "file/run"];
      },
    ],
    [
      "an address that is none",
      /error: --base-url nonsense is not an address/,
      async () => [corpus, "--base-url", "nonsense", "--model", "m"],
      true,
    ],
  ];

  it.each(cases)("%s", async (_name, message, prepare, isUsage) => {
    const place = await mkdtemp(join(folder, "bad-"));
    const args = await prepare(place);
    const { code, stdout, stderr } = await runCli(["run", ...args, "--pairs", "1"], { cwd: place });
    const last = stderr.trim().split("\n").at(-1)!;
    expect(last).toMatch(message);
    expect([code, stdout]).toEqual([isUsage ? 2 : 1, ""]);
    const left = await readdir(place, { recursive: true });
    expect(left.filter((name) => /tmp|pairs|train|\.lock/.test(name))).toEqual([]);
  });

  it("a model that answers nonsense", async () => {
    await using server = await faultyServer({ reply: () => "The sky is a large number." });
    const run = join(folder, "nonsense");
    const { code, stderr } = await runCli(
      ["run", corpus, "--to", run, "--pairs", "2", "--base-url", server.url, "--model", "m"],
      { cwd: folder },
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /error: none of \d+ pairs was accepted, \d+ of them for not-json .*try: take a larger model/,
    );
    expect(await readdir(run)).not.toContain("pairs.jsonl");
  });
});
