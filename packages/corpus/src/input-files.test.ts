import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LeftOut } from "@rag-instruct/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listInputFiles, listRecordFiles } from "./input-files.ts";

let folder = "";
const at = (name: string) => join(folder, name);
const sources = async (from: string | string[]) => (await listInputFiles(from)).map(({ source }) => source);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "corpus-files-"));
  for (const path of [
    "docs/b/2.md",
    "docs/b/10.txt",
    "docs/a.md",
    "docs/.git/x.md",
    "docs/node_modules/y.md",
    "secret.md",
  ]) {
    await mkdir(join(at(path), ".."), { recursive: true });
    await writeFile(at(path), path);
  }
  await symlink(at("secret.md"), at("docs/leads-out.md"));
  await symlink(folder, at("docs/leads-up"));
  await symlink(at("docs/b/2.md"), at("docs/inside.md"));
  await symlink(at("docs"), at("linked"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("listInputFiles", () => {
  it("lists a folder in the order of its names, each file once, and never leaves it by a link", async () => {
    expect(await sources(at("docs"))).toEqual(["a.md", "b/10.txt", "b/2.md"]);
  });

  it("follows a link that is given itself, as package managers make them", async () => {
    expect(await sources(at("linked"))).toEqual(["a.md", "b/10.txt", "b/2.md"]);
  });

  it("expands globs, relative to where their pattern begins", async () => {
    expect(await sources(`${folder}/docs/**/*.md`)).toEqual(["a.md", "b/2.md"]);
    expect(await sources(`${folder}/docs/*/[0-9].{md,txt}`)).toEqual(["b/2.md"]);
  });

  it("takes the files of a folder that a glob matches, as where a shell expands it", async () => {
    expect(await sources(`${folder}/docs/*`)).toEqual(["a.md", "b/10.txt", "b/2.md"]);
    expect(await sources(`${folder}/do*/b`)).toEqual(["docs/b/10.txt", "docs/b/2.md"]);
  });

  it("takes lists, and a file given twice once", async () => {
    expect(await sources([at("secret.md"), at("docs/b"), at("docs")])).toEqual(["secret.md", "10.txt", "2.md", "a.md"]);
  });

  it("says what is not there", async () => {
    for (const missing of ["nowhere", "nowhere/*.md", "docs/*.xyz"]) {
      await expect(listInputFiles(at(missing))).rejects.toMatchObject({ code: "file-missing" });
    }
  });
});

describe("what git ignores", () => {
  beforeAll(async () => {
    const files = {
      "repo/.git/info/exclude": "private.md\n",
      "repo/.gitignore": "*.log\n/docs/build/\n!keep.log\n",
      "repo/docs/.gitignore": "draft-*\n!draft-2.md\n",
      "repo/docs/sub/.gitignore": "!note.log\n",
    };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(at(path), ".."), { recursive: true });
      await writeFile(at(path), text);
    }
    for (const path of [
      "a.md",
      "x.log",
      "keep.log",
      "draft-1.md",
      "draft-2.md",
      "private.md",
      "build/b.md",
      "sub/note.log",
    ]) {
      await mkdir(join(at(`repo/docs/${path}`), ".."), { recursive: true });
      await writeFile(at(`repo/docs/${path}`), path);
    }
  });

  it("is left out by option, by the rules of every folder up to the repository's, and counted", async () => {
    const leftOut: LeftOut[] = [];
    const listed = await listInputFiles(at("repo/docs"), { gitignore: true, leftOut });
    expect(listed.map(({ source }) => source)).toEqual(["a.md", "draft-2.md", "keep.log", "sub/note.log"]);
    const ignored = ["build", "draft-1.md", "private.md", "x.log"].map((name) => at(`repo/docs/${name}`));
    expect(leftOut.find(({ reason }) => reason === "git-ignored")).toMatchObject({ count: 4, places: ignored });
    expect(await sources(at("repo/docs"))).toHaveLength(8);
  });

  it("is read where it is asked for itself", async () => {
    const options = { gitignore: true };
    expect((await listInputFiles(at("repo/docs/build"), options)).map(({ source }) => source)).toEqual(["b.md"]);
    expect((await listInputFiles(at("repo/docs/x.log"), options)).map(({ source }) => source)).toEqual(["x.log"]);
  });
});

describe("a repository in the cache of Hugging Face, whose files are links", () => {
  const revision = "0f1e2d";
  const repository = "hub/datasets--owner--name";
  const snapshot = `${repository}/snapshots/${revision}`;
  beforeAll(async () => {
    for (const path of [
      `${snapshot}/data`,
      `${repository}/refs`,
      `${repository}/blobs`,
      `${repository}/snapshots/older`,
    ])
      await mkdir(at(path), { recursive: true });
    await writeFile(at(`${repository}/refs/main`), revision);
    await writeFile(at(`${repository}/blobs/aa11`), '{"question":"Who?"}\n');
    await writeFile(at(`${repository}/blobs/bb22`), "# Card");
    await symlink("../../../blobs/aa11", at(`${snapshot}/data/train.jsonl`));
    await symlink("../../blobs/bb22", at(`${snapshot}/README.md`));
    await symlink(at("secret.md"), at(`${snapshot}/leads-out.md`));
  });

  it.each([snapshot, repository])("%s gives its files, and none from outside", async (given) => {
    expect(await sources(at(given))).toEqual(["README.md", "data/train.jsonl"]);
    expect(await listRecordFiles(at(given))).toEqual([at(`${snapshot}/data/train.jsonl`)]);
    expect(await listRecordFiles(`${at(snapshot)}/*/*.jsonl`)).toEqual([at(`${snapshot}/data/train.jsonl`)]);
  });

  it("gives each file by the name of its link where the whole cache is named, or one under another name", async () => {
    const [readme, data] = ["README.md", "data/train.jsonl"].map((name) => `${snapshot}/${name}`);
    expect(await sources(at("hub"))).toEqual([readme, data].map((path) => path!.slice("hub/".length)));
    await mkdir(at("mirror/snapshots/main"), { recursive: true });
    await mkdir(at("mirror/blobs"));
    await writeFile(at("mirror/blobs/cc33"), "# Page");
    await symlink("../../blobs/cc33", at("mirror/snapshots/main/page.md"));
    for (const given of ["mirror", "mirror/snapshots/main"]) expect(await sources(at(given))).toEqual(["page.md"]);
  });

  it("says of a folder without files of records that it has none", async () => {
    await expect(listRecordFiles(at("docs"))).rejects.toThrow(/docs has no file of records: JSON/);
    expect(await listRecordFiles(at("docs/a.md"))).toEqual([at("docs/a.md")]);
  });
});
