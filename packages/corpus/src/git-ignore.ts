import { readFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { isThere } from "@rag-instruct/core/node";
import ignore, { type Ignore } from "ignore";

/** Which entries of a folder git ignores: the rules of a folder go before those of the folders that it is in. */
export interface GitIgnore {
  ignores(path: string, options: { isFolder: boolean }): boolean;
  /** With the rules of a folder inside. */
  in(folder: string): Promise<GitIgnore>;
}

/** Rules, and the folder that they are about. */
interface Rules {
  folder: string;
  rules: Ignore;
}

/**
 * The rules of the git repository that a folder is in; none where it is in none, or where they leave out the folder itself, which was
 * asked for.
 */
export async function gitIgnoreAround(folder: string): Promise<GitIgnore> {
  const outer: Rules[] = [];
  for (let at = folder; ; at = dirname(at)) {
    if (at !== folder) outer.unshift(...(await rulesOf(at, ".gitignore")));
    if (await isThere(join(at, ".git"))) {
      outer.unshift(...(await rulesOf(at, join(".git", "info", "exclude"))));
      break;
    }
    if (dirname(at) === at) return gitIgnore([]);
  }
  const around = gitIgnore(outer);
  return around.ignores(folder, { isFolder: true }) ? gitIgnore([]) : around;
}

/** @param all the outermost first */
function gitIgnore(all: readonly Rules[]): GitIgnore {
  return {
    ignores(path, { isFolder }) {
      for (const { folder, rules } of all.toReversed()) {
        const within = relative(folder, path).split(sep).join("/");
        if (within === "") continue;
        const { ignored, unignored } = rules.test(isFolder ? `${within}/` : within);
        if (ignored || unignored) return ignored;
      }
      return false;
    },
    in: async (folder) => gitIgnore([...all, ...(await rulesOf(folder, ".gitignore"))]),
  };
}

async function rulesOf(folder: string, file: string): Promise<Rules[]> {
  const text = await readFile(join(folder, file), "utf8").catch(() => undefined);
  return text === undefined ? [] : [{ folder, rules: ignore().add(text) }];
}
