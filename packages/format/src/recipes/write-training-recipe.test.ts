import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { madeExample } from "../../test/made-set.ts";
import { readExamples } from "../read-examples.ts";
import type { Framework } from "./write-training-recipe.ts";
import { writeTrainingRecipe } from "./write-training-recipe.ts";

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
