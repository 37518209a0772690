import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../packages/core/test/children.ts";
import { answerFromDocuments } from "./support/answering-model.ts";
import { runCli, startCli } from "./support/cli.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "batch-run-"));
  await writeSmallCorpus(join(folder, "corpus"), { pages: 40 });
  await writeFile(join(folder, "open.jsonl"), '{"question":"Who built the first lighthouse?","task":"open"}\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("--batch: a run that is killed while its batch is worked on is finished by the next, which asks nothing again", async () => {
  const ended = Promise.withResolvers<void>();
  let looks = 0;
  await using model = await faultyServer({
    ...{ reply: answerFromDocuments, batch: { looks: 2 } },
    // The process that is killed never learns how its batch stands.
    intercept({ method, path, moment }) {
      if (method !== "GET" || !path.includes("/batches/") || moment !== "come") return;
      looks++;
      return ended.promise;
    },
  });
  const argsFor = (run: string) => [
    ...["run", "corpus", "--to", run, "--exemplars", "open.jsonl", "--paradigm", "single-doc-answer", "--pairs", "12"],
    ...["--base-url", model.url, "--model", "m"],
  ];
  const { child, result } = startCli([...argsFor("batch"), "--batch"], { cwd: folder });
  await until(() => looks > 0, { child });
  child.kill("SIGKILL");
  await result;
  ended.resolve();
  expect(existsSync(join(folder, "batch", "pairs.jsonl"))).toBe(false);
  const refused = await runCli(argsFor("batch"), { cwd: folder });
  expect([refused.code, refused.stderr]).toEqual([expect.any(Number), expect.stringContaining("is not collected yet")]);
  expect(refused.code).not.toBe(0);
  expect(model.counts().answered).toBe(0);

  const { code, stderr } = await runCli([...argsFor("batch"), "--batch"], { cwd: folder });
  expect([code, stderr]).toEqual([0, expect.stringContaining("12 accepted")]);
  const { batches, answered, distinct } = model.counts();
  expect({ batches, answered }).toEqual({ batches: 1, answered: distinct });
  expect(existsSync(join(folder, "batch", "ledger.jsonl.batches"))).toBe(false);

  // The ledger is the same as of direct calls, so another run without batches makes none.
  const direct = await runCli(argsFor("direct"), { cwd: folder });
  expect(direct.code).toBe(0);
  for (const file of ["pairs.jsonl", "train.jsonl"]) {
    expect(await readFile(join(folder, "batch", file), "utf8")).toBe(
      await readFile(join(folder, "direct", file), "utf8"),
    );
  }
});
