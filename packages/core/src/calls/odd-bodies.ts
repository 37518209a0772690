import { isObject, jsonValue } from "../types.ts";

/**
 * The chat completion that the body of an answer holds, where it is not that alone: the events of a stream that nobody asked for, with
 * a gateway's comments (`: PROCESSING`) before it, as the first of several lines, or with a NaN that JSON does not know. Undefined where
 * there is none, or the stream has not come to its end.
 */
export function completionIn(body: string): unknown {
  const whole = jsonValue(body) ?? jsonValue(withoutNaN(body));
  if (whole !== undefined) return whole;
  const lines = body.split(/\r?\n/);
  const events = lines.flatMap((line) => (line.startsWith("data:") ? [jsonValue(line.slice("data:".length))] : []));
  if (events.length > 0) return completionOfEvents(events.filter(isObject));
  const kept = lines.filter((line) => !line.startsWith(":") && line.trim() !== "");
  return jsonValue(kept.join("\n")) ?? jsonValue(kept[0] ?? "");
}

type Fields = Record<string, unknown>;

/** What the events of a stream add up to; undefined where none of them says how it ended. */
function completionOfEvents(events: readonly Fields[]): unknown {
  const message = { content: "", reasoning_content: "" };
  let finish: unknown;
  let usage: unknown;
  for (const event of events) {
    usage = event.usage ?? usage;
    const choice = firstOf(event.choices);
    const said = firstObject(choice?.delta, choice?.message);
    message.content += textIn(said?.content);
    message.reasoning_content += textIn(said?.reasoning_content ?? said?.reasoning);
    finish = choice?.finish_reason ?? finish;
  }
  if (typeof finish !== "string") return undefined;
  const { id, model } = events[0]!;
  const { content, reasoning_content } = message;
  const said = { role: "assistant", content, reasoning_content: reasoning_content || undefined };
  return { id, model, choices: [{ index: 0, message: said, finish_reason: finish }], usage };
}

function firstOf(choices: unknown): Fields | undefined {
  return Array.isArray(choices) ? firstObject(choices[0]) : undefined;
}

function firstObject(...values: readonly unknown[]): Fields | undefined {
  return values.find(isObject);
}

function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Python writes what is no number so; strings stay as they are. */
function withoutNaN(text: string): string {
  return text.replace(/"(?:[^"\\]|\\[\s\S])*(?:"|$)|-?\b(?:NaN|Infinity)\b/g, (part) =>
    part.startsWith('"') ? part : "null",
  );
}
