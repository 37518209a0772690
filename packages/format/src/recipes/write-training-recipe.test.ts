import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { madeExample } from "../../test/made-set.ts";
import { sharedData } from "../../test/shared-data.ts";
import { chatTemplate } from "../chat-template.ts";
import { readExamples } from "../read-examples.ts";
import { chatFamilies, familyNeeded } from "./recipe.ts";
import { type Framework, writeTrainingRecipe } from "./write-training-recipe.ts";

const python = process.env.RAG_INSTRUCT_PYTHON;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "recipe-"));
});
afterEach(() => rm(folder, { recursive: true }));

const examples = Array.from({ length: 40 }, (_, i) => madeExample(i));
const write = (framework: Framework, more = {}) =>
  writeTrainingRecipe({ framework, model: "meta-llama/Llama-3.1-8B-Instruct", examples, to: folder, ...more });
const text = (name: string) => readFile(join(folder, name), "utf8");

describe("writeTrainingRecipe", () => {
  it("writes for TRL a script with the method's settings, data laid out by varied templates, and pinned requirements", async () => {
    const report = await write("trl");
    expect((await readdir(folder)).sort()).toEqual(["README.md", "data", "requirements.txt", "train.py"]);
    const script = await text("train.py");
    for (const line of [
      'default="meta-llama/Llama-3.1-8B-Instruct"',
      'lr_scheduler_type="cosine"',
      "warmup_steps=0.05",
      "weight_decay=0.1",
      "num_train_epochs=3",
      "per_device_train_batch_size=2",
      "gradient_accumulation_steps=16",
      "max_length=4096",
      "gradient_checkpointing=True",
      "completion_only_loss=True",
    ]) {
      expect(script).toContain(line);
    }
    expect(Number(/learning_rate=([\d.e-]+),/.exec(script)![1])).toBe(5e-6);
    expect(Object.keys(report.data.templates).length).toBe(7);
    const lines = (await text("data/prompt-completion.jsonl")).trim().split("\n");
    expect(lines).toHaveLength(40);
    for (const line of (await text("requirements.txt")).trim().split("\n")) expect(line).toMatch(/^[a-z-]+==[\d.]+$/);
  });

  it("writes Python that Python accepts", async ({ skip }) => {
    await write("trl", { model: `odd"name\\` });
    const python = spawnSync("python3", ["-m", "py_compile", join(folder, "train.py")], { encoding: "utf8" });
    if (python.error) return skip("python3 is not installed");
    expect(python.stderr).toBe("");
  });

  it("lays each example out anew for every epoch, and says where its documents stand", async () => {
    await write("trl", { layouts: "epoch", settings: { epochs: 4 } });
    const lines = (await text("data/prompt-completion.jsonl")).trim().split("\n");
    const rows = lines.map((line) => JSON.parse(line));
    expect(rows).toHaveLength(4 * examples.length);
    expect(rows.map(({ layout }) => layout).slice(0, 5)).toEqual([1, 2, 3, 4, 1]);
    const prompts = new Set(rows.slice(0, 4).map(({ prompt }) => prompt[0].content));
    expect(prompts.size).toBe(4);
    for (const [i, { prompt, documents }] of rows.entries()) {
      const points = Array.from(prompt[0].content as string);
      const example = examples[Math.floor(i / 4)]!;
      const found = documents.map(([start, end]: [number, number]) => points.slice(start, end).join(""));
      expect(found).toEqual(example.documents.map(({ text }) => text));
    }
    await write("axolotl", { layouts: "epoch", overwrite: true });
    expect(parse(await text("axolotl.yaml")).num_epochs).toBe(1);
    await expect(write("trl", { layouts: "epoch", settings: { epochs: 1.5 }, overwrite: true })).rejects.toThrow(
      /whole epochs, not 1\.5/,
    );
  });

  it("cuts documents or leaves examples out where a trainer cannot, and counts both", async () => {
    const tokenizer = { id: "words", encode: (given: string) => given.split(/\s+/).map((_, i) => i) };
    const most = Math.max(
      ...examples.map(
        ({ documents }) =>
          documents
            .map(({ text }) => text)
            .join(" ")
            .split(" ").length,
      ),
    );
    const settings = { maxTokens: most };
    const { data } = await write("llama-factory", { settings, tokenizer });
    expect([data.cut.examples > 0, data.examples]).toEqual([true, examples.length]);
    const lines = (await text("data/sharegpt.jsonl")).trim().split("\n");
    for (const [i, line] of lines.entries()) {
      const [human, gpt] = JSON.parse(line).conversations;
      expect(tokenizer.encode(`${human.value} ${gpt.value}`).length).toBeLessThanOrEqual(most);
      expect([human.value.includes(examples[i]!.question), gpt.value]).toEqual([true, examples[i]!.answer]);
    }
    const dropped = await write("llama-factory", { settings, tokenizer, long: "drop", overwrite: true });
    expect(dropped.data.leftOut["too-long"]).toBe(data.cut.examples);
    expect(dropped.data.examples).toBe(examples.length - data.cut.examples);
    await expect(write("axolotl", { long: "cut", overwrite: true })).rejects.toThrow(/cannot cut documents: give the/);
  });

  it("gives a base without a chat template that of its family, by name or by its folder", async () => {
    const bases: [string, string | undefined][] = [
      ["meta-llama/Llama-3.1-8B", "llama3"],
      ["meta-llama/Llama-3.1-8B-Instruct", undefined],
      ["Qwen/Qwen2.5-7B", "chatml"],
      ["google/gemma-2-9b-it", undefined],
      ["mistralai/Mistral-7B-v0.1", "mistral"],
      ["somebody/unheard-of", undefined],
    ];
    for (const [model, family] of bases)
      expect((await write("axolotl", { model, overwrite: true })).family, model).toBe(family);
    await write("llama-factory", { model: "google/gemma-2-9b", overwrite: true });
    expect(parse(await text("train.yaml")).template).toBe("gemma");
    await write("axolotl", { model: "meta-llama/Llama-3.1-8B", overwrite: true });
    const { chat_template: kind, chat_template_jinja: source, eot_tokens } = parse(await text("axolotl.yaml"));
    expect([kind, eot_tokens]).toEqual(["jinja", ["<|eot_id|>"]]);
    expect(chatTemplate(source, { variables: { bos_token: "<s>" } }).render([{ role: "user", content: " Hi " }])).toBe(
      "<s><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>",
    );
    const base = join(folder, "base");
    await mkdir(base);
    await writeFile(
      join(base, "tokenizer_config.json"),
      '{"added_tokens_decoder":{"1":{"content":"<|im_start|>"},"2":{"content":"<|im_end|>"}}}',
    );
    expect(await familyNeeded(base)).toMatchObject({ id: "chatml" });
    await writeFile(join(base, "tokenizer_config.json"), "{}");
    await writeFile(join(base, "config.json"), '{"model_type":"mixtral"}');
    expect(await familyNeeded(base)).toMatchObject({ id: "mistral" });
    await writeFile(join(base, "chat_template.jinja"), "{{ messages[0].content }}");
    expect(await familyNeeded(base)).toBeUndefined();
    await expect(write("trl", { family: "opt", overwrite: true })).rejects.toThrow(/there are llama3, chatml/);
  });

  const shared = join(sharedData, "chat-templates/chujiezheng");
  it.skipIf(!existsSync(shared))(`lays turns out as the templates of ${shared} do`, async () => {
    const published = {
      llama3: "llama-3-instruct",
      chatml: "chatml",
      gemma: "gemma-it",
      mistral: "mistral-instruct",
      llama2: "llama-2-chat",
    };
    for (const { id, template } of chatFamilies) {
      const source = await readFile(join(shared, `${published[id as keyof typeof published]}.jinja`), "utf8");
      // That of ChatML begins with a token which Qwen has not, and Gemma's leaves it out.
      const bos_token = id === "chatml" || id === "gemma" ? "" : "<s>";
      const variables = { bos_token, eos_token: "</s>" };
      const theirs = chatTemplate(source.replaceAll("    ", "").replaceAll("\n", ""), { variables });
      const turn = (role: string, content: string) => ({ role, content });
      for (const messages of [[turn("user", " Q? ")], [turn("user", "Q?"), turn("assistant", "A.\n")]]) {
        const addGenerationPrompt = messages.length === 1;
        const ours = chatTemplate(template, { variables }).render(messages, { addGenerationPrompt });
        expect(ours, id).toBe(theirs.render(messages, { addGenerationPrompt }));
      }
    }
  });

  it.skipIf(!python)("has a script whose functions do what they say (needs RAG_INSTRUCT_PYTHON)", async () => {
    await write("trl", { model: "meta-llama/Llama-3.1-8B", layouts: "epoch" });
    const program = String.raw`
import json, sys
sys.path.insert(0, sys.argv[1])
from train import FAMILIES, METHOD, common_cap, cut_words, epochs_order, family_of, fit, read_arguments

count = lambda text: len(text.split())
rows = [json.loads(line) for line in open(sys.argv[1] + "/data/prompt-completion.jsonl", encoding="utf-8")]
odd = {"prompt": "Q 😀?\n[1] one two three four\n[2] five\nEnd.", "documents": [[9, 27], [32, 36]]}
fitted = [fit(odd["prompt"], odd["documents"], lambda prompt: count(prompt) + 3, most, count) for most in (20, 10, 8, 3)]
first = rows[0]
prompt, places = first["prompt"][0]["content"], first["documents"]
short = fit(prompt, places, count, 60, count)
given = vars(read_arguments(["--learning-rate", "1e-5", "--epochs", "2", "--batch", "1", "--max-length", "512", "--long", "drop"]))
order = epochs_order([row["layout"] for row in rows], 5, 42)
print(json.dumps({
    "families": FAMILIES,
    "known": [(family_of(*one) or {}).get("id") for one in (
        ({"<|start_header_id|>": 1, "<|end_header_id|>": 2, "<|eot_id|>": 3}, "llama"), ({}, "llama"), ({}, "mixtral"), ({}, "opt"), ({}, "opt", "gemma"))],
    "cap": [common_cap([10, 3, 8], 15), common_cap([4], 9)],
    "cut": [cut_words("one two  three", 2, count), cut_words("one", 0, count)],
    "odd": fitted, "dropped": fit("a b c", [[0, 1]], count, 2, count, "drop"),
    "prompt": prompt, "short": short, "words": count(short),
    "given": given, "defaults": vars(read_arguments([])), "order": order, "again": epochs_order([row["layout"] for row in rows], 5, 42) == order,
}))
`;
    const { stdout, stderr } = spawnSync(python!, ["-c", program, folder], { encoding: "utf8" });
    expect(stderr).toBe("");
    const said = JSON.parse(stdout);
    expect(said.families).toEqual(chatFamilies);
    expect(said.known).toEqual(["llama3", "llama2", "mistral", null, "gemma"]);
    expect([said.cap, said.cut, said.dropped]).toEqual([[6, 4], ["one two", ""], null]);
    expect(said.odd).toEqual([
      "Q 😀?\n[1] one two three four\n[2] five\nEnd.",
      "Q 😀?\n[1] one\n[2] five\nEnd.",
      null,
      null,
    ]);
    const [example] = examples;
    expect(said.words).toBeLessThanOrEqual(60);
    expect([said.short.includes(example!.question), said.prompt.length > said.short.length]).toEqual([true, true]);
    expect(said.given).toMatchObject({ learning_rate: 1e-5, epochs: 2, batch: 1, max_length: 512, long: "drop" });
    expect(said.defaults).toMatchObject({
      learning_rate: 5e-6,
      epochs: 3,
      batch: 2,
      accumulation: 16,
      max_length: 4096,
      long: "cut",
      family: "llama3",
    });
    // Five epochs over three layouts: every example once in each, the layouts in turn.
    const epochs = Array.from({ length: 5 }, (_, i) => (said.order as number[]).slice(i * 40, (i + 1) * 40));
    expect(said.order).toHaveLength(200);
    for (const [i, rows] of epochs.entries()) {
      expect(new Set(rows.map((row) => row % 3))).toEqual(new Set([i % 3]));
      expect(new Set(rows.map((row) => Math.floor(row / 3))).size).toBe(40);
    }
    expect(said.again).toBe(true);
  });

  it("adds DeepSpeed ZeRO-1 on 8 processes in bfloat16, as the method was trained", async () => {
    const { launch } = await write("accelerate-deepspeed");
    expect(launch).toBe("accelerate launch --config_file accelerate.yaml train.py");
    expect(parse(await text("accelerate.yaml"))).toMatchObject({
      distributed_type: "DEEPSPEED",
      deepspeed_config: { zero_stage: 1, gradient_accumulation_steps: 16, gradient_clipping: 1 },
      mixed_precision: "bf16",
      num_processes: 8,
    });
    expect(await text("README.md")).toContain("make a batch of 256");
  });

  it("writes for axolotl the same settings and the data they read", async () => {
    await write("axolotl");
    const config = parse(await text("axolotl.yaml"));
    expect(config).toMatchObject({
      base_model: "meta-llama/Llama-3.1-8B-Instruct",
      sequence_len: 4096,
      micro_batch_size: 2,
      gradient_accumulation_steps: 16,
      num_epochs: 3,
      learning_rate: 5e-6,
      lr_scheduler: "cosine",
      gradient_checkpointing: true,
      deepspeed: "deepspeed-zero1.json",
    });
    const [dataset] = config.datasets;
    expect(dataset).toMatchObject({ type: "chat_template", roles_to_train: ["assistant"], train_on_eos: "turn" });
    expect((await text(dataset.path)).trim().split("\n")).toHaveLength(40);
    expect(JSON.parse(await text("deepspeed-zero1.json")).zero_optimization.stage).toBe(1);
  });

  it("writes for LLaMA-Factory the same settings and the data they read", async () => {
    await write("llama-factory", { settings: { learningRate: 3e-7, processes: 2 } });
    const config = parse(await text("train.yaml"), { version: "1.1" });
    expect(config).toMatchObject({
      stage: "sft",
      finetuning_type: "full",
      cutoff_len: 4096,
      train_on_prompt: false,
      per_device_train_batch_size: 2,
      gradient_accumulation_steps: 16,
      num_train_epochs: 3,
      learning_rate: 3e-7,
    });
    const info = JSON.parse(await text(join(config.dataset_dir, "dataset_info.json")));
    const file = join(folder, config.dataset_dir, info[config.dataset].file_name);
    await expect(Array.fromAsync(readExamples(file, { onMalformed: () => {} }))).resolves.not.toHaveLength(0);
    expect(await text("README.md")).toContain("NPROC_PER_NODE=2");
  });

  it("says how to train, serve and evaluate", async () => {
    const { launch } = await write("trl");
    const readme = await text("README.md");
    for (const part of [launch, "vllm serve output", "sglang.launch_server", "rag-instruct eval"]) {
      expect(readme).toContain(part);
    }
  });

  it("writes into no folder that holds something, unless told, and knows its frameworks", async () => {
    await writeFile(join(folder, "mine.txt"), "mine");
    await expect(write("trl")).rejects.toThrow(/is not empty; choose another folder/);
    expect(await readdir(folder)).toEqual(["mine.txt"]);
    await write("trl", { overwrite: true });
    expect(await readdir(folder)).toContain("train.py");
    await expect(write("unsloth" as Framework, { overwrite: true })).rejects.toThrow(
      /no recipe is written for unsloth/,
    );
  });
});
