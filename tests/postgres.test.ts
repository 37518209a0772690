import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { faultyServer } from "@rag-instruct/core/testing";
import { connectPostgres } from "@rag-instruct/retrieve/pgvector";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../packages/core/test/children.ts";
import { postgresFolder, type TestPostgres, testPostgres } from "../packages/retrieve/test/postgres-server.ts";
import { answerFromDocuments } from "./support/answering-model.ts";
import { runCli, startCli } from "./support/cli.ts";
import { embeddingServer } from "./support/embedding-server.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

const outputs = ["plan.jsonl", "pairs.jsonl", "rejected.jsonl", "train.jsonl"];

describe.skipIf(!postgresFolder)(
  "a run whose passages and vectors are in PostgreSQL (needs RAG_INSTRUCT_POSTGRES)",
  { timeout: 240_000 },
  () => {
    let folder: string;
    let server: TestPostgres;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "postgres-"));
      server = await testPostgres();
      await writeSmallCorpus(join(folder, "corpus"), { pages: 60 });
      await writeFile(join(folder, "open.jsonl"), '{"question":"Who built the first lighthouse?","task":"open"}\n');
    });
    afterAll(async () => {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    });
    const read = (run: string) => Promise.all(outputs.map((name) => readFile(join(folder, run, name), "utf8")));

    it.each(["bm25", "dense", "hybrid"])("has the bytes of one from its folder, %s", async (retrieval) => {
      await using model = await faultyServer({ reply: answerFromDocuments });
      await using embeddings = await embeddingServer();
      const choice = { name: "words", baseUrl: embeddings.url, dimensions: embeddings.dimensions };
      const argsFor = (run: string) => [
        ...["run", "corpus", "--to", run, "--exemplars", "open.jsonl", "--paradigm", "single-doc-answer"],
        ...["--pairs", "10", "--base-url", model.url, "--model", "m", "--retrieval", retrieval],
        ...["--set", `embeddings=${JSON.stringify(choice)}`],
      ];
      const alone = await runCli(argsFor(`${retrieval}-alone`), { cwd: folder });
      expect([alone.code, alone.stderr]).toEqual([0, expect.stringContaining("10 accepted")]);
      const shared = await runCli([...argsFor(`${retrieval}-shared`), "--postgres", server.url], { cwd: folder });
      expect([shared.code, shared.stderr]).toEqual([0, expect.stringMatching(/^share .* passages/m)]);
      expect(shared.stderr).toMatch(retrieval === "bm25" ? /, 0 vectors/ : /, [1-9]\d* vectors/);
      expect(await read(`${retrieval}-shared`)).toEqual(await read(`${retrieval}-alone`));
      const kept = await readFile(join(folder, `${retrieval}-shared/settings.json`), "utf8");
      expect([kept.includes("127.0.0.1"), kept.includes("open-sesame")]).toEqual([true, false]);
      if (retrieval === "hybrid") {
        // Neither passages nor vectors are copied again.
        const again = await runCli([...argsFor("hybrid-again"), "--postgres", server.url], { cwd: folder });
        expect(again.stderr).toMatch(/^share .* 0 copied/m);
      }
      if (retrieval !== "dense") return;
      // Passages from there, vectors from the folder; and the engine by its name.
      const here = await runCli([...argsFor("here"), "--postgres", server.url, "--engine", "exact"], { cwd: folder });
      expect([here.code, here.stderr]).toEqual([0, expect.stringMatching(/^share .*, 0 vectors/m)]);
      const named = await runCli([...argsFor("named"), "--postgres", server.url, "--engine", "pgvector"], {
        cwd: folder,
      });
      expect([named.code, named.stderr]).toEqual([0, expect.stringMatching(/^share .*, [1-9]\d* vectors/m)]);
      for (const run of ["here", "named"]) expect(await read(run)).toEqual(await read("dense-alone"));
    });

    it("goes on where a copy was killed, and says what a run finds missing", async () => {
      const records = Array.from({ length: 40_000 }, (_, i) => ({
        id: `p${i}`,
        title: `T${i}`,
        text: `Text ${i} of a crew.`,
      }));
      await writeFile(join(folder, "many.jsonl"), records.map((record) => JSON.stringify(record)).join("\n"));
      const args = ["index", "many.jsonl", "--to", "killed", "--set", "postgres.table=many"];
      const cut = startCli([...args, "--postgres", server.url], { cwd: folder });
      await using postgres = await connectPostgres(server.url);
      const batches = () =>
        postgres.query<{ count: string }>("SELECT count(*) AS count FROM many_batches").then(
          ([row]) => Number(row!.count),
          () => 0,
        );
      await until(async () => (await batches()) >= 2, { child: cut.child, every: 2 });
      cut.child.kill("SIGKILL");
      await cut.result;
      const done = await batches();
      expect(done).toBeLessThan(8);
      const whole = await runCli([...args, "--postgres", server.url], { cwd: folder });
      expect([whole.code, whole.stderr]).toEqual([0, expect.stringContaining("40,000 passages")]);
      const copied = Number(whole.stderr.match(/([\d,]+) copied/)![1]!.replaceAll(",", ""));
      expect(copied).toBeLessThanOrEqual(40_000 - done * 5_000);
      await postgres.query("TRUNCATE many, many_batches");
      const search = ["search", "crew", "--to", "killed", "--postgres", server.url];
      const emptied = await runCli(search, { cwd: folder });
      expect([emptied.code, emptied.stderr]).toEqual([1, expect.stringContaining("many holds 0 of 40000 passages")]);
    });

    it("is looked at by doctor, which tells no password", async () => {
      const doctor = (url: string, ...more: string[]) =>
        runCli(["doctor", "corpus", "--postgres", url, "--retrieval", "dense", ...more], { cwd: folder });
      const embeddings = ["--set", 'embeddings={"name":"words","baseUrl":"http://127.0.0.1:9/v1","dimensions":4}'];
      const sound = (await doctor(server.url, ...embeddings)).stdout;
      expect(sound).toMatch(/ok {4}postgres +PostgreSQL 16\.\d+ at 127\.0\.0\.1, database postgres, no TLS/);
      expect(sound).toMatch(/ok {4}pgvector +0\.[89]/);
      await using postgres = await connectPostgres(server.url);
      await postgres.query("CREATE DATABASE other");
      await postgres.query("CREATE ROLE guest LOGIN PASSWORD 'guest-secret-3'");
      const guest = server.url.replace("rag:open-sesame-1", "guest:guest-secret-3").replace(/postgres$/, "other");
      const poor = await doctor(guest, ...embeddings);
      expect([poor.code, poor.stdout]).toEqual([
        1,
        expect.stringMatching(/FAIL {2}postgres .*may not create tables in public/),
      ]);
      expect(poor.stdout).toMatch(/FAIL {2}pgvector .*not in this database yet\n.*CREATE EXTENSION vector/);
      const wrong = await doctor(server.url.replace("open-sesame-1", "wrong-secret-2"), ...embeddings);
      expect([wrong.code, wrong.stdout]).toEqual([
        1,
        expect.stringMatching(/FAIL {2}postgres .*password authentication/),
      ]);
      expect(sound + poor.stdout + wrong.stdout + wrong.stderr).not.toMatch(/open-sesame|secret/);
    });

    it("says in one line, without the password, that a server is not there", async () => {
      const away = server.url.replace(/:(\d+)\//, ":1/");
      const { code, stderr } = await runCli(["run", "corpus", "--to", "away", "--postgres", away], { cwd: folder });
      expect([code, stderr]).toEqual([1, expect.stringMatching(/cannot use PostgreSQL at 127\.0\.0\.1:1\/postgres/)]);
      expect(stderr).not.toContain("open-sesame");
    });
  },
);
