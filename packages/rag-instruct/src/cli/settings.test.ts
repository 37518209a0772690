import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keepSettings, keptSettings } from "../run/folder.ts";
import { readSettings } from "./settings.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "settings-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const read = (flags: Record<string, unknown>, between = {}) =>
  readSettings({ flags, between, documents: ["docs"], isAlone: true, to: folder });

it.each([
  ['prices.gpt-4.1={"inputPerMillion":2,"outputPerMillion":8}'],
  ["prices.gpt-4.1.inputPerMillion=2", "prices.gpt-4.1.outputPerMillion=8"],
])("--set takes names with points in them: %s", async (...set) => {
  expect((await read({ set })).prices).toEqual({
    "gpt-4.1": { inputPerMillion: 2, outputPerMillion: 8, batchShare: 1 },
  });
  expect(await read({ set: ["settings.headers.x.y=1a", "settings.body.a.b=2", "corpus.words=80"] })).toMatchObject({
    settings: { headers: { "x.y": "1a" }, body: { a: { b: 2 } } },
    corpus: { words: 80 },
  });
});

describe("how a model is asked", () => {
  it("is set by flags, over what is configured", async () => {
    const between = { settings: { topP: 0.9, temperature: 1, body: { top_k: 20 } } };
    const flags = {
      temperature: 0.2,
      maxTokens: 500,
      body: ["enable_thinking=false", "chat_template_kwargs.enable_thinking=false", "mode=fast"],
    };
    expect((await read(flags, between)).settings).toEqual({
      topP: 0.9,
      temperature: 0.2,
      maxOutputTokens: 500,
      body: { top_k: 20, enable_thinking: false, chat_template_kwargs: { enable_thinking: false }, mode: "fast" },
    });
    expect((await read({})).settings).toBeUndefined();
    await expect(read({ body: ["=1"] })).rejects.toThrow("--body =1 must be a field and its value");
    await expect(read({ temperature: 3 })).rejects.toThrow(/settings.temperature/);
  });

  it("is kept in the folder without the keys in its headers", async () => {
    const headers = { "x-api-key": "a key of words", "x-title": "pairs" };
    await keepSettings(await read({}, { settings: { temperature: 0.5, headers } }));
    expect((await keptSettings(folder))?.settings).toEqual({ temperature: 0.5, headers: { "x-title": "pairs" } });
    expect(await readFile(join(folder, "settings.json"), "utf8")).not.toContain("a key of words");
  });
});
