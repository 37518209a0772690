import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateText, Output, streamText } from "ai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { openCalls } from "../calls/calls.ts";
import { memoryLedger } from "../calls/ledger.ts";
import { RagInstructError } from "../errors.ts";
import { type GgufModel, ggufModel, nameGguf } from "./index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gguf-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
}
// Version 3, two tensors, four fields.
const header = Buffer.from("GGUF\x03\0\0\0\x02\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0", "latin1");
const codeOf = (action: () => unknown) => {
  try {
    action();
  } catch (error) {
    return RagInstructError.is(error) ? `${error.code}: ${error.message}` : error;
  }
  return undefined;
};

describe("the name of a GGUF file", () => {
  it("is that of the file, and tells files with other contents apart wherever they differ by a part in a hundred", async () => {
    const bytes = new Uint8Array(3_000_000).map((_, i) => (i * 7) % 251);
    bytes.set(header);
    const name = nameGguf(await write("a.gguf", bytes));
    expect(name).toMatch(/^a\.gguf@[0-9a-f]{8}$/);
    expect(nameGguf(await write("a.gguf", bytes))).toBe(name);
    const changed = bytes.slice();
    changed.fill(1, 1_500_000, 1_560_000);
    expect(nameGguf(await write("a.gguf", changed))).not.toBe(name);
    expect(nameGguf(await write("a.gguf", bytes.subarray(0, 2_999_999)))).not.toBe(name);
  });
  it("is none for a file that is missing, or of another kind, or a folder, and says so before anything is loaded", async () => {
    const missing = join(folder, "missing.gguf");
    expect(codeOf(() => ggufModel({ path: missing }))).toBe(
      `file-missing: there is no model at ${missing}; name a GGUF file`,
    );
    const html = await write("page.gguf", Buffer.from("<html>"));
    expect(codeOf(() => ggufModel({ path: html }))).toBe(
      `unknown-format: ${html} is no GGUF file: it does not begin with "GGUF"`,
    );
    expect(codeOf(() => nameGguf(folder))).toContain("unknown-format");
    const torn = await write("torn.gguf", Buffer.from("GGUF\x03\0\0\0 and no more of it"));
    expect(codeOf(() => nameGguf(torn))).toBe(`file-corrupt: ${torn} is not whole, or no GGUF file; download it again`);
  });
});

const file = process.env.RAG_INSTRUCT_GGUF;
const schema = z.object({ place: z.string(), year: z.int().min(1), mayor: z.union([z.string(), z.null()]) });

// It computes for ten seconds, which take minutes on a machine that has other work.
const timeout = 900_000;

describe.skipIf(!file)(
  "a small model that runs in this process (needs RAG_INSTRUCT_GGUF, a GGUF file)",
  { timeout },
  () => {
    let model: GgufModel;
    beforeAll(() => {
      model = ggufModel({ path: file!, gpu: false, threads: 1 });
    });
    afterAll(() => model.close());

    it("keeps to a JSON schema, counts tokens, and says the same again under one seed", async () => {
      const ask = () =>
        generateText({
          model,
          instructions: "You read documents.",
          prompt: "The harbour bridge of Elm Town was opened in 1932. Reply in JSON with place, year and mayor.",
          output: Output.object({ schema }),
          temperature: 0.7,
          seed: 3,
          maxOutputTokens: 150,
        });
      const first = await ask();
      expect(Object.keys(first.output)).toEqual(["place", "year", "mayor"]);
      expect(first.finishReason).toBe("stop");
      const { inputTokens, outputTokens, inputTokenDetails } = first.usage;
      expect(inputTokens).toBeGreaterThan(30);
      expect(inputTokens).toBeLessThan(70);
      expect(outputTokens).toBeGreaterThan(5);
      expect(outputTokens).toBeLessThan(150);
      const again = await ask();
      expect(again.text).toBe(first.text);
      // The prompt stood in the context already, but for its last token.
      expect(again.usage.inputTokenDetails.cacheReadTokens).toBeGreaterThan(
        inputTokenDetails.cacheReadTokens! + inputTokens! / 2,
      );
    });

    it("ends at the ceiling, and at a stop sequence", async () => {
      const prompt = "Count: one, two, three, four, five, six, seven, eight.";
      const cut = await generateText({ model, prompt, maxOutputTokens: 5, temperature: 0 });
      expect([cut.finishReason, cut.usage.outputTokens]).toEqual(["length", 5]);
      const whole = await generateText({ model, prompt, maxOutputTokens: 30, temperature: 0 });
      const word = whole.text.trim().split(/\s+/)[2]!;
      const stopped = await generateText({ model, prompt, maxOutputTokens: 30, temperature: 0, stopSequences: [word] });
      expect(stopped.finishReason).toBe("stop");
      expect(whole.text.startsWith(stopped.text)).toBe(true);
      expect(stopped.text).not.toContain(word);
    });

    it("streams what it would say at once", async () => {
      const asked = { model, prompt: "Name a river.", maxOutputTokens: 12, temperature: 0 };
      const stream = streamText(asked);
      expect((await Array.fromAsync(stream.textStream)).length).toBeGreaterThan(1);
      expect([await stream.text, await stream.finishReason]).toEqual([
        (await generateText(asked)).text,
        await stream.finishReason,
      ]);
    });

    it("stops when it is told to, in its turn and before", async () => {
      const stop = new AbortController();
      const asked = { model, prompt: "Write a long story.", maxOutputTokens: 5000, maxRetries: 0 };
      const reason = new Error("enough");
      let chunks = 0;
      const running = streamText({
        ...asked,
        abortSignal: stop.signal,
        onChunk: () => void (++chunks === 3 && stop.abort(reason)),
        onError: () => {},
      });
      const waiting = generateText({ ...asked, abortSignal: stop.signal });
      await Promise.all([expect(waiting).rejects.toThrow("enough"), running.consumeStream()]);
      expect(chunks).toBeLessThan(10);
      expect((await generateText({ model, prompt: "Hi.", maxOutputTokens: 3 })).usage.outputTokens).toBe(3);
    });

    it("stops all calls at once where the rest of its file is missing, with llama.cpp's own words", async () => {
      const half = (await readFile(file!)).subarray(0, 40_000_000);
      await using torn = ggufModel({ path: await write("half.gguf", half), gpu: false });
      await using calls = await openCalls({ ledger: memoryLedger() });
      const asked = calls.ask({ model: torn, prompt: "p", version: "1" });
      await expect(asked).rejects.toThrow(/half\.gguf cannot be run here: .*(not within|bounds|corrupt)/);
      await expect(asked).rejects.toMatchObject({ code: "bad-option" });
    });

    it("takes a prompt as long as its context, and refuses a longer one alone", async () => {
      await using short = ggufModel({ path: file!, id: "short", gpu: false, threads: 1, contextTokens: 300 });
      await using calls = await openCalls({ ledger: memoryLedger() });
      const ask = (words: number) =>
        calls.ask({ model: short, prompt: "river ".repeat(words), version: "1", settings: { maxOutputTokens: 20 } });
      await expect(ask(400)).rejects.toThrow(
        /a prompt of \d{3} tokens leaves no room for a reply in the 300 tokens of short; show fewer/,
      );
      expect((await ask(100)).finishReason).toMatch(/length|stop/);
    });

    it("costs nothing, waits as long as it takes, and is asked again from the ledger without being loaded", async () => {
      const ledger = memoryLedger();
      const question = { prompt: "Name a town.", version: "1", settings: { maxOutputTokens: 8 } };
      await using calls = await openCalls({ ledger, budget: { usd: 0.01 }, timeout: 1, deadline: 1 });
      const asked = [1, 2, 3].map((repeat) => calls.ask({ ...question, model, repeat }));
      expect((await Promise.all(asked)).every(({ text }) => text.length > 0)).toBe(true);
      expect(calls.summary()).toMatchObject({ made: 3, retried: 0, usd: 0 });
      const unread = ggufModel({ path: file!, gpu: false });
      await unread.close();
      expect((await calls.ask({ ...question, model: unread, repeat: 1 })).text).toBe((await asked[0])!.text);
      expect(calls.summary().reused).toBe(1);
    });

    it("says what it does not take", async () => {
      const image = { type: "file" as const, mediaType: "image/png", data: new Uint8Array([1]) };
      const asked = generateText({ model, messages: [{ role: "user", content: [image] }], maxRetries: 0 });
      await expect(asked).rejects.toThrow("a GGUF model takes text alone, and a user message holds a file");
    });
  },
);
