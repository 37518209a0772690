import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { isThere } from "@rag-instruct/core/node";
import { fetchFiles, type HubOptions } from "./fetch-files.ts";
import type { HubFile } from "./hub-client.ts";

/** Options of {@link downloadGguf}. */
export interface DownloadGgufOptions extends Omit<HubOptions, "revision"> {
  /** `hf:owner/name/file.gguf`, the file's folders with it; `hf:owner/name@revision/file.gguf` for a branch, tag or commit. */
  model: string;
}

const form = /^hf:([^/@]+\/[^/@]+)(?:@([^/]+))?\/(.+)$/;
// A model in several files; the runtime is given the first and finds the others.
const part = /-\d{5}(-of-\d{5}\.gguf)$/i;

/**
 * Fetches a GGUF file from the hub into the Hugging Face cache, with all its parts where it has several, and gives its path. It is
 * fetched once, what broke off goes on, and it is compared with its hash.
 * Throws `bad-option` for a name of another form, `file-missing` with the files there are, and what {@link downloadModel} throws.
 */
export async function downloadGguf({ model, ...options }: DownloadGgufOptions): Promise<string> {
  const [, repository, revision, path] = form.exec(model) ?? [];
  if (!repository || !path) {
    const message = `${JSON.stringify(model)} is not a GGUF file on the hub; write hf:owner/name/file.gguf`;
    throw new RagInstructError("bad-option", message);
  }
  const folder = await fetchFiles(repository, {
    ...options,
    revision,
    choose: (files) => choose(files, path, repository),
  });
  const at = join(folder, path);
  if (await isThere(at)) return at;
  throw new RagInstructError(
    "file-missing",
    `${path} of ${repository} is not in the cache, and the hub is not asked offline`,
  );
}

function choose(files: readonly HubFile[], path: string, repository: string): HubFile[] {
  const whole = (name: string) => name.replace(part, "$1");
  const wanted = files.filter((file) => whole(file.path) === whole(path));
  if (wanted.some((file) => file.path === path)) return wanted;
  const there = files.flatMap((file) => (/\.gguf$/i.test(file.path) ? [file.path] : []));
  const found = there.length > 0 ? `it has ${there.slice(0, 20).join(", ")}` : "it has no GGUF files";
  throw new RagInstructError("file-missing", `${repository} on the hub has no ${path}; ${found}`);
}
