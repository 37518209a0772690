import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPage } from "./page.ts";

/**
 * Before tests: the report's script, which `pnpm build` makes too (from sources everything else runs as it is), and a folder for what
 * several test files share. Gives what is done after them. Called once more for each project of the configuration: the last folder counts.
 */
export default async function beforeTests(): Promise<() => Promise<void>> {
  await buildPage();
  const folder = await mkdtemp(join(tmpdir(), "rag-instruct-tests-"));
  process.env.RAG_INSTRUCT_TESTS = folder;
  return () => rm(folder, { recursive: true, force: true });
}
