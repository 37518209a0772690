import { randomBytes } from "node:crypto";
import { writeAtomic } from "@rag-instruct/core/node";
import { collectReport, type ReportSource } from "./collect-report.ts";
import type { Figures } from "./figures.ts";
import { openPacker } from "./packer.ts";
import { type PageFacts, renderPage } from "./page.ts";

/** Options of {@link writeHtmlReport}. */
export interface HtmlReportOptions extends ReportSource, PageFacts {
  /** Path of the HTML file. */
  to: string;
}

/**
 * Writes a run as one HTML file that needs no network and opens from disk. Any file of the run may be missing; what is there is
 * shown. The texts are written as they are read, so that a report may be larger than memory. Throws `bad-record` and `file-unwritable`.
 */
export async function writeHtmlReport(options: HtmlReportOptions): Promise<Figures> {
  const { to, signal } = options;
  await using packer = await openPacker(`${to}.${randomBytes(6).toString("hex")}.tmp`);
  const collected = await collectReport(options, packer);
  await writeAtomic(to, renderPage({ ...options, ...collected, packer }), signal ? { signal } : {});
  return collected.figures;
}
