import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { hashText, type Task } from "@rag-instruct/core";
import type { ChatRequest } from "@rag-instruct/core/testing";
import { paradigms, type Relation, renderPrompt } from "@rag-instruct/paradigms";
import { offlineModel } from "@rag-instruct/simulate";

const tasks: readonly Task[] = [
  ...(["open", "comparison", "multi-hop", "yes-no", "multiple-choice", "how-to"] as const),
  ...(["summary", "list", "claim", "long-form"] as const),
];

/** What a synthesis prompt asks for, by its instructions: they differ by paradigm and task alone. */
const asked = new Map<string, { relation: Relation; task: Task }>();
for (const paradigm of Object.values(paradigms)) {
  const documents = Array.from({ length: paradigm.documents.min }, (_, i) => ({ id: `${i}`, title: "", text: "" }));
  for (const task of tasks) {
    const { instructions } = renderPrompt({ paradigm, documents, exemplar: { question: "", task } });
    asked.set(instructions, { relation: paradigm.relation, task });
  }
}

/** What a prompt's instructions ask for; undefined for those of no paradigm. */
export function relationAsked(instructions: string): { relation: Relation; task: Task } | undefined {
  return asked.get(instructions);
}

/** The offline model behind HTTP: a reply of {@link faultyServer} that reads the task out of the prompt, as a model must. */
export async function replyAsOfflineModel({ messages }: ChatRequest): Promise<string> {
  const wanted = relationAsked(messages[0]?.content ?? "");
  const prompt = messages.at(-1)!.content;
  if (!wanted) return JSON.stringify({ ready: true });
  const documents = [...prompt.matchAll(/<document number="\d+">\n([\s\S]*?)\n<\/document>/g)].map(([, content]) => {
    const [title = "", ...text] = content!.split("\n");
    return { title, text: text.join("\n") || title };
  });
  const ragInstruct = { relation: { ...wanted.relation }, task: wanted.task, documents, seed: hashText(prompt) };
  const options: LanguageModelV4CallOptions = { prompt: [], providerOptions: { ragInstruct } };
  const { content } = await offlineModel().doGenerate(options);
  return content.map((part) => (part.type === "text" ? part.text : "")).join("");
}
