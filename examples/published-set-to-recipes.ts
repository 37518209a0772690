// A set as it is published (question, answer, documents) is read, split without leaks and written as training recipes.
import { writeFile } from "node:fs/promises";
import { readExamples, splitExamples, writeTrainingRecipe } from "@rag-instruct/format";

const records = Array.from({ length: 60 }, (_, i) => ({
  question: `Which keeper of ${["lamp", "bridge", "ledger", "harbour", "signal"][i % 5]} ${i} holds the ${1000 + i * 7} keys?`,
  answer: `Keeper ${i}.`,
  documents: Array.from({ length: 10 }, (_, k) => `Note ${i * 10 + k}: keeper ${i} works in house ${k}.`),
}));
await writeFile("published.json", JSON.stringify(records));

const splits = await splitExamples({
  examples: readExamples("published.json"),
  shares: { train: 0.8, test: 0.2 },
  seed: 1,
});
console.log(splits.counts);

for (const framework of ["accelerate-deepspeed", "axolotl", "llama-factory"] as const) {
  const examples = splits.only("train", readExamples("published.json"));
  const to = `recipe-${framework}`;
  const { launch } = await writeTrainingRecipe({ framework, model: "Qwen/Qwen2.5-3B-Instruct", examples, to });
  console.log(`cd ${to} && ${launch}`);
}
