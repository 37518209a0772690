// Has a real model write pairs over three corpora, to be read and labelled: a line a reply, resumed where it was cut short.
//   node --conditions=@rag-instruct/source bench/verify/real/generate.ts MODEL.gguf NAME EACH OUT.jsonl paradigm|plain|shots|six-shots NODE_LLAMA_CPP
// EACH replies for each paradigm and corpus; NODE_LLAMA_CPP is the path of that package's dist/index.js. One thread.
import { appendFileSync, existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Exemplar, type Passage, seededRandom } from "@rag-instruct/core";
import { type Paradigm, paradigms, renderPrompt } from "@rag-instruct/paradigms";
import { demoPassages } from "../../../packages/simulate/test/demo-passages.ts";
import { type Shot, shots, wants } from "./shots.ts";

/** What is used of node-llama-cpp 3.21. */
interface Llama {
  loadModel(options: { modelPath: string }): Promise<{
    createContext(options: { threads: number; contextSize: number }): Promise<{ getSequence(): Sequence }>;
  }>;
  createGrammarForJsonSchema(schema: object): Promise<object>;
}
interface Sequence {
  clearHistory(): Promise<void>;
}
type Sampling = { maxTokens: number; temperature: number; seed: number };
interface LlamaPackage {
  getLlama(options: { build: "never"; gpu: false }): Promise<Llama>;
  LlamaChatSession: new (options: {
    contextSequence: Sequence;
    systemPrompt: string;
    autoDisposeSequence: false;
  }) => {
    prompt(text: string, options: Sampling & { grammar: object }): Promise<string>;
    dispose(): void;
  };
  LlamaCompletion: new (options: {
    contextSequence: Sequence;
  }) => {
    generateCompletion(text: string, options: Sampling & { customStopTriggers: string[] }): Promise<string>;
  };
}

const [file = "", name = "", each = "", out = "", style = "paradigm", from = ""] = process.argv.slice(2);
const temperatures = [0, 0.3, 0.7, 1];
const general = read<Passage & { topic: string }>("general.jsonl");
const exemplars = read<Exemplar>("exemplars.jsonl");
const corpora = { general, sdk: demoPassages(), project: projectPassages() };

const tasks = Object.values(paradigms).flatMap((paradigm) =>
  Object.entries(corpora).flatMap(([corpus, passages]) =>
    Array.from({ length: Number(each) }, (_, i) => {
      const random = seededRandom(1, name, style, paradigm.id, corpus, i);
      const [first, ...near] = neighbours(passages, random.integer(passages.length));
      const documents = [first!, ...(paradigm.documents.max > 1 ? [random.pick(near)] : [])];
      const exemplar = random.pick(exemplars);
      const temperature = temperatures[i % temperatures.length]!;
      return {
        key: `${name}/${corpus}/${paradigm.id}/${i}`,
        corpus,
        paradigm,
        documents,
        exemplar,
        temperature,
        seed: i + 1,
      };
    }),
  ),
);
tasks.sort((a, b) => a.seed - b.seed);
const done = new Set(existsSync(out) ? linesOf<{ key: string }>(out).map(({ key }) => key) : []);
const { getLlama, LlamaChatSession, LlamaCompletion }: LlamaPackage = await import(from);
const llama = await getLlama({ build: "never", gpu: false });
const model = await llama.loadModel({ modelPath: file });
const sequence = (await model.createContext({ threads: 1, contextSize: 3072 })).getSequence();
for (const task of tasks) {
  if (done.has(task.key)) continue;
  const { paradigm, temperature, seed } = task;
  const reply = await (style.endsWith("shots") ? complete : chat)(task, { maxTokens: 260, temperature, seed });
  appendFileSync(out, `${JSON.stringify({ ...task, paradigm: paradigm.id, style, reply })}\n`);
}

type Task = (typeof tasks)[number];

/** As people use it: the prompt of the paradigm, or a plain request, with the reply held to its form by a grammar. */
async function chat({ paradigm, documents, exemplar }: Task, options: Sampling): Promise<string> {
  const asked =
    style === "paradigm" ? renderPrompt({ paradigm, documents, exemplar }) : plainPrompt(paradigm, documents);
  const grammar = await llama.createGrammarForJsonSchema(
    replySchema(style === "paradigm" && exemplar.task === "multiple-choice"),
  );
  const systemPrompt = asked.instructions;
  const session = new LlamaChatSession({ contextSequence: sequence, systemPrompt, autoDisposeSequence: false });
  const reply = await session.prompt(asked.prompt, { ...options, grammar });
  session.dispose();
  await sequence.clearHistory();
  return reply;
}

function replySchema(hasOptions: boolean): object {
  const text = { type: "string" };
  const options = { type: "array", items: text };
  return {
    type: "object",
    properties: hasOptions ? { question: text, options, answer: text } : { question: text, answer: text },
  };
}

function plainPrompt({ id }: Paradigm, documents: readonly Passage[]) {
  return {
    instructions: "You write exam questions from texts and reply in JSON.",
    prompt: `${lay(documents)}\n\n${wants[id]} Reply as JSON: {"question": "...", "answer": "..."}`,
  };
}

/** For models that were never taught to follow instructions: two or six examples, and the text goes on. */
async function complete({ paradigm: { id }, documents }: Task, options: Sampling): Promise<string> {
  const shown = ({ documents, question, answer }: Shot) =>
    `${lay(documents)}\nQuestion: ${question}\nAnswer: ${answer}\n\n`;
  const text = `${wants[id]}\n\n${shots[id]!.slice(0, style === "shots" ? 2 : 6)
    .map(shown)
    .join("")}${lay(documents)}\nQuestion:`;
  const completion = new LlamaCompletion({ contextSequence: sequence });
  const said = await completion.generateCompletion(text, {
    ...options,
    maxTokens: 160,
    customStopTriggers: ["\n\n", "\nText:", "\nQuestion:"],
  });
  const [question, answer] = said.split("\nAnswer:");
  return answer === undefined ? said : JSON.stringify({ question: question!.trim(), answer: answer.trim() });
}

function lay(documents: readonly Pick<Passage, "title" | "text">[]): string {
  return documents.map(({ title, text }) => `Text: ${title}. ${text}`).join("\n");
}

/** A passage, then those of its topic or its page, or those that stand around it. */
function neighbours(passages: readonly (Passage & { topic?: string })[], at: number): Passage[] {
  const { id, topic, title } = passages[at]!;
  const others = passages.filter((other) => other.id !== id);
  const near = others.filter((other) => (topic ? other.topic === topic : other.title === title));
  const plain = ({ id, title, text }: Passage): Passage => ({ id, title, text });
  return [passages[at]!, ...(near.length > 0 ? near : others)].map(plain);
}

/** The project's own guides and decisions, about a hundred words of each. */
function projectPassages(): Passage[] {
  const root = join(import.meta.dirname, "../../..");
  return globSync("docs/{decisions,guides}/*.md", { cwd: root })
    .sort()
    .flatMap((id) => {
      const page = readFileSync(join(root, id), "utf8");
      const words = page.replace(/^# .+$|```[^`]*```|^\d{4}-\d\d-\d\d$/gm, "").split(/\s+/);
      return words.length < 50
        ? []
        : [{ id, title: page.slice(2).split("\n")[0]!, text: words.slice(0, 110).join(" ") }];
    });
}

function read<T>(file: string): T[] {
  return linesOf<T>(join(import.meta.dirname, file));
}

function linesOf<T>(path: string): T[] {
  const lines = readFileSync(path, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}
