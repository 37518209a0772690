import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPage } from "./page.ts";

// The demo's report as a page of the site. It is made with the site: one that is kept would be stale with every change of the report.
await buildPage();
// With a key a model would be asked.
process.env.OPENAI_API_KEY = "";
const { main } = await import("../packages/rag-instruct/src/cli/main.ts");
const folder = await mkdtemp(join(tmpdir(), "demo-report-"));
process.exitCode = await main([process.execPath, "rag-instruct", "demo", "--to", folder, "--json"]);
await copyFile(join(folder, "report.html"), join(import.meta.dirname, "../docs/public/demo.html"));
await rm(folder, { recursive: true });
