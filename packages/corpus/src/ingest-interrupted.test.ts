import { spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { seededRandom } from "@rag-instruct/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ingest } from "./ingest.ts";
import { openPassageStore } from "./store/passage-store.ts";

// One kill is enough for every day; `pnpm run test:kills` takes them all.
const kills = process.env.RAG_INSTRUCT_KILLS ? 20 : 1;
const files = 20;
const program = fileURLToPath(new URL("../test/ingest-child.ts", import.meta.url));
let folder = "";
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "corpus-kill-"));
  await mkdir(at("in"));
  const random = seededRandom(3);
  const words = (count: number) => Array.from({ length: count }, () => `w${random.integer(3000)}`).join(" ");
  const row = (id: number) =>
    id % 97 === 0 ? `${id}\tonly\tfour\tcolumns` : `${id}\t${words(id % 13 === 0 ? 1 : 60)}\tT${id % 7}`;
  const rows = Array.from({ length: 8_000 }, (_, index) => row(index + 1));
  await writeFile(at("in/00-passages.tsv.gz"), gzipSync(`id\ttext\ttitle\n${rows.join("\n")}\n`));
  for (let file = 10; file < 10 + files; file++) {
    await writeFile(at(`in/${file}-page.md`), `# Page ${file}\n\n${words(900)}\n`);
  }
});
afterAll(() => rm(folder, { recursive: true }));

function rowsOf(store: string): unknown {
  const database = new DatabaseSync(store, { readOnly: true });
  try {
    return ["passages", "text_hashes", "files", "notes"].map((table) =>
      database.prepare(`SELECT * FROM ${table} ORDER BY 1`).all(),
    );
  } finally {
    database.close();
  }
}

/** Runs an ingest in a process of its own and kills it, some time after it has reported so many transactions. */
async function ingestAndKill(
  to: string,
  { transactions, delay }: { transactions: number; delay: number },
): Promise<void> {
  const child = spawn(process.execPath, ["--conditions=@rag-instruct/source", "--no-warnings", program, at("in"), to], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let seen = -2;
  let timer: NodeJS.Timeout | undefined;
  child.stdout.on("data", (chunk: Buffer) => {
    seen += chunk.filter((byte) => byte === 10).length;
    if (seen >= transactions - 1) timer ??= setTimeout(() => child.kill("SIGKILL"), delay);
  });
  await new Promise((resolve) => child.on("exit", resolve));
  clearTimeout(timer);
}

describe("an ingest that was interrupted", () => {
  it("ends with the same rows, killed at any moment", async () => {
    const report = await ingest({ from: at("in"), to: at("whole.sqlite") });
    expect(report.read).toBe(report.written + Object.values(report.skipped).reduce((sum, count) => sum + count));
    const expected = rowsOf(at("whole.sqlite"));
    let partial = 0;
    for (let kill = 0; kill < kills; kill++) {
      const random = seededRandom(17, kill);
      const to = at(`killed-${kill}.sqlite`);
      await ingestAndKill(to, { transactions: random.integer(files), delay: random.next() * 6 });
      const left = await openPassageStore(to).catch(() => undefined);
      if (left && left.size > 0 && left.size < report.written) partial += 1;
      await left?.close();
      expect(await ingest({ from: at("in"), to })).toEqual(report);
      expect(rowsOf(to)).toEqual(expected);
    }
    expect(partial).toBeGreaterThanOrEqual(Math.floor(kills / 4));
  }, 300_000);

  it("does not read finished files again, and refuses one that has changed", async () => {
    await mkdir(at("two"));
    await writeFile(at("two/1.txt"), "the first file");
    const time = new Date(1_700_000_000_000);
    await utimes(at("two/1.txt"), time, time);
    await ingest({ from: at("two"), to: at("two.sqlite") });
    await writeFile(at("two/1.txt"), "THE OTHER FILE");
    await utimes(at("two/1.txt"), time, time);
    await writeFile(at("two/2.txt"), "the second file");
    expect(await ingest({ from: at("two"), to: at("two.sqlite") })).toMatchObject({ files: 2, written: 2 });
    await writeFile(at("two/1.txt"), "a longer first file");
    const again = ingest({ from: at("two"), to: at("two.sqlite") });
    await expect(again).rejects.toMatchObject({
      code: "bad-input",
      message: expect.stringContaining("1.txt has changed"),
    });
  });

  it("leaves the store usable after a corrupt gzip, and goes on when the file is whole", async () => {
    const whole = gzipSync(
      Array.from({ length: 5000 }, (_, id) => `{"id":"${id}","text":"text number ${id * 7919}"}`).join("\n"),
    );
    await writeFile(at("torn.jsonl.gz"), whole.subarray(0, whole.length - 500));
    const torn = ingest({ from: at("torn.jsonl.gz"), to: at("torn.sqlite") });
    await expect(torn).rejects.toMatchObject({
      code: "file-corrupt",
      message: expect.stringContaining("torn.jsonl.gz"),
    });
    await using store = await openPassageStore(at("torn.sqlite"), { readOnly: true });
    expect((await store.get(["0"]))[0]?.text).toBe("text number 0");
  });

  it("stops at a signal with its reason, and goes on later", async () => {
    const reason = new Error("enough");
    const stop = new AbortController();
    const to = at("aborted.sqlite");
    const onProgress = ({ done }: { done: number }) => done > 4000 && stop.abort(reason);
    await expect(ingest({ from: at("in"), to, signal: stop.signal, onProgress })).rejects.toBe(reason);
    await ingest({ from: at("in"), to });
    expect(rowsOf(to)).toEqual(rowsOf(at("whole.sqlite")));
  });

  it.skipIf(process.platform === "win32")("says that the disk is full and leaves what was written", async () => {
    const to = at("full.sqlite");
    const script = `
      import { ingest } from ${JSON.stringify(join(import.meta.dirname, "ingest.ts"))};
      const error = await ingest({ from: ${JSON.stringify(at("in"))}, to: ${JSON.stringify(to)} }).catch((error) => error);
      process.stdout.write(JSON.stringify({ code: error.code, message: error.message }));`;
    const limited = `ulimit -f 2500 && exec "$0" --conditions=@rag-instruct/source --input-type=module -e "$1"`;
    const child = spawn("bash", ["-c", limited, process.execPath, script], { stdio: ["ignore", "pipe", "inherit"] });
    const output = Buffer.concat(await Array.fromAsync(child.stdout as AsyncIterable<Buffer>)).toString();
    expect(JSON.parse(output)).toMatchObject({
      code: "file-unwritable",
      message: expect.stringContaining("full.sqlite"),
    });
    await copyFile(to, at("full-copy.sqlite"));
    await ingest({ from: at("in"), to });
    expect(rowsOf(to)).toEqual(rowsOf(at("whole.sqlite")));
  });
});
