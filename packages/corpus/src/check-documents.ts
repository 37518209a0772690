import { extname } from "node:path";
import { type Check, check, RagInstructError } from "@rag-instruct/core";
import { type InputFile, listInputFiles } from "./input-files.ts";

// Readers that are optional peers, by the ending of the files that need them.
const peers = [
  { extension: ".pdf", peer: "unpdf" },
  { extension: ".docx", peer: "mammoth" },
];

/** Whether there are files behind paths, folders and globs, and the packages that their formats need. No file is read. */
export async function checkDocuments(from: readonly string[]): Promise<Check[]> {
  const files: InputFile[] = [];
  const missing: string[] = [];
  for (const path of from) {
    try {
      files.push(...(await listInputFiles(path)));
    } catch (error) {
      if (!RagInstructError.is(error, "file-missing")) throw error;
      missing.push(path);
    }
  }
  if (missing.length > 0) {
    const found = `nothing at ${missing.join(", ")}`;
    return [check.failed("documents", found, "mend corpus.from in the config, or name the documents")];
  }
  const checks = [check.ok("documents", `${files.length} files`)];
  for (const { extension, peer } of peers) {
    if (files.some(({ path }) => extname(path).toLowerCase() === extension))
      checks.push(await checkPeer(peer, extension));
  }
  return checks;
}

async function checkPeer(name: string, extension: string): Promise<Check> {
  const why = `${extension.slice(1).toUpperCase()} files are among the documents`;
  try {
    await import(name);
    return check.ok(name, `installed; ${why}`);
  } catch {
    return check.failed(name, `not installed; ${why}`, `npm install ${name}`);
  }
}
