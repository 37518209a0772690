import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { seededRandom } from "@rag-instruct/core";

const subjects = [
  "harbour",
  "bridge",
  "lighthouse",
  "railway",
  "observatory",
  "library",
  "orchard",
  "foundry",
  "theatre",
  "canal",
];
const verbs = ["opened", "rebuilt", "measured", "painted", "surveyed", "repaired", "extended", "described"];
const people = [
  "Abbott",
  "Brenner",
  "Castillo",
  "Dahl",
  "Eriksen",
  "Fontaine",
  "Grimaldi",
  "Hoffmann",
  "Ibsen",
  "Jansen",
];

/** Writes a folder of Markdown pages whose every sentence shares words with the others, so that rankings are deep. */
export async function writeSmallCorpus(
  folder: string,
  { pages = 60, seed = 1 }: { pages?: number; seed?: number } = {},
): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (let page = 0; page < pages; page++) {
    const random = seededRandom(seed, "page", page);
    const subject = random.pick(subjects);
    const sentences = Array.from({ length: 30 }, () => {
      const year = 1800 + random.integer(200);
      return `In ${year} the ${random.pick(subjects)} near the ${subject} was ${random.pick(verbs)} by ${random.pick(people)} and a crew of ${2 + random.integer(90)} workers.`;
    });
    await writeFile(
      join(folder, `page-${String(page).padStart(3, "0")}.md`),
      `---\ntitle: The ${subject} of page ${page}\n---\n\n${sentences.join(" ")}\n`,
    );
  }
  return folder;
}
