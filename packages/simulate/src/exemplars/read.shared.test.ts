import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readExemplars } from "./read.ts";

const shared =
  process.env.RAG_INSTRUCT_SHARED_DATA ?? fileURLToPath(new URL("../../../../../shared/data/", import.meta.url));

describe.skipIf(!existsSync(shared))("the shared exemplar files", () => {
  it.each([
    ["rag-instruct/examplar_data.data.json", 100, 0],
    ["exemplars/alpaca_en_demo.json", 999, 0],
    ["exemplars/WizardLM_testset.jsonl", 218, 0],
    ["exemplars/litgpt.dolly.json", 12, 0],
    ["exemplars/v1_sft_demo.jsonl", 500, 0],
    ["exemplars/identity.alpaca.json", 91, 0],
    ["exemplars/sharegpt.dummy_conversation.json", 500, 0],
    ["exemplars/glaive_toolcall_en_demo.sharegpt.json", 300, 0],
    ["exemplars/self_instruct_seed_tasks.jsonl", 175, 0],
    ["exemplars/arena-hard-v0.1.question.jsonl", 500, 0],
    ["exemplars/mt_bench.question.jsonl", 80, 0],
    ["exemplars/vicuna_bench.question.jsonl", 80, 0],
    ["exemplars/axolotl.conversation.json", 1, 0],
    ["exemplars/litgpt.alpaca.json", 23, 0],
    ["exemplars/litgpt.longform_val.json", 9, 0],
    ["exemplars/torchtune.alpaca_tiny.json", 100, 0],
    ["exemplars/torchtune.chat_tiny.json", 1, 0],
  ])("%s has %i exemplars and %i that cannot be read", async (name, count, unreadable) => {
    let unread = 0;
    const exemplars = await Array.fromAsync(readExemplars(join(shared, name), { onUnread: () => unread++ }));
    expect([exemplars.length, unread]).toEqual([count, unreadable]);
  });
  it.each([
    ["exemplars/axolotl.conversation.tokenized_llama2chat.json", /tokenized_llama2chat\.json: it holds token ids/],
    ["exemplars/dataset_info.json", /dataset_info\.json: it is a list of datasets/],
  ])("%s is refused as a whole", async (name, message) => {
    await expect(Array.fromAsync(readExemplars(join(shared, name), { onUnread: () => {} }))).rejects.toThrow(message);
  });
  it("every file of the two folders is one of those above", async () => {
    const files = [...(await readdir(join(shared, "exemplars"))), ...(await readdir(join(shared, "rag-instruct")))];
    expect(files).toHaveLength(19);
  });
  it("the method's own exemplars bring their documents and paradigms", async () => {
    const exemplars = await Array.fromAsync(readExemplars(join(shared, "rag-instruct/examplar_data.data.json")));
    expect(exemplars.filter(({ documents }) => documents!.length > 0)).toHaveLength(100);
    const perParadigm = Map.groupBy(exemplars, ({ paradigm }) => paradigm);
    expect(Object.fromEntries([...perParadigm].map(([id, group]) => [id, group.length]))).toEqual({
      "useless-doc": 27,
      "single-doc-support": 20,
      "multi-doc-support": 15,
      "single-doc-answer": 18,
      "multi-doc-answer": 20,
    });
    expect(exemplars.filter(({ source }) => source === "SlimOrca")).toHaveLength(29);
    expect(exemplars.filter(({ source }) => source === "slimOcar")).toHaveLength(0);
  });
});
