import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { writeAtomic } from "@rag-instruct/core/node";
import { collectReport } from "./collect-report.ts";
import type { Figures } from "./figures.ts";
import { openPacker } from "./packer.ts";
import { renderPage } from "./page.ts";
import { readChecks } from "./read-checks.ts";
import { type ReportOptions, readPlainReply } from "./report-options.ts";
import { version } from "./version.ts";

/**
 * Writes a run, finished or not, as one HTML file that needs no network and opens from disk. The texts are written as they are
 * read, so that a report may be larger than memory. Throws `bad-record` and `file-unwritable`.
 */
export async function writeReport(options: ReportOptions): Promise<Figures> {
  const { run, to = join(run, "report.html"), wanted = {}, model, isOffline = false, signal } = options;
  const { generator = `@rag-instruct/viewer ${version}`, parseReply = readPlainReply } = options;
  const { promptOf = () => undefined } = options;
  const quality = await readChecks((name) => join(run, name));
  await using packer = await openPacker(`${to}.${randomBytes(6).toString("hex")}.tmp`);
  const collected = await collectReport({ run, parseReply, promptOf, signal }, packer);
  const { figures } = collected;
  const writers = [...figures.models.keys()].join(", ") || "a model that is not named";
  const facts = { wanted, quality, model: model ?? writers, isOffline, generator };
  await writeAtomic(to, renderPage({ ...facts, ...collected, packer }), { signal });
  return figures;
}
