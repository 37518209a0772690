import { z } from "zod/v4";
import { isObject } from "../is-object.ts";
import { bare, shapeOf } from "./option.ts";

/**
 * The path and the value of `corpus.words=80`, the value as JSON where it is any, else as text. Names are joined where the schema has
 * one name with points in it, such as the model of `prices.gpt-4.1.inputPerMillion`. Undefined where there is no path.
 */
export function readAssignment(schema: z.ZodType, text: string): { path: string[]; value: unknown } | undefined {
  const cut = text.indexOf("=");
  if (cut < 1) return undefined;
  return { path: pathIn(schema, text.slice(0, cut).split(".")), value: jsonOrText(text.slice(cut + 1)) };
}

/** A text as the JSON that it is, else as it is. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Puts a value at a path of objects, which are copied and made where they are not there. */
export function putAt(into: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = into;
  for (const part of path.slice(0, -1)) {
    const inner = Object.hasOwn(at, part) && isObject(at[part]) ? { ...at[part] } : {};
    at[part] = inner;
    at = inner;
  }
  at[path.at(-1)!] = value;
}

function pathIn(schema: z.ZodType | undefined, names: readonly string[]): string[] {
  const at = schema && bare(schema);
  const [name, ...rest] = names;
  if (name === undefined) return [];
  const shape = shapeOf(at);
  if (shape) return [name, ...pathIn(shape[name], rest)];
  if (!(at instanceof z.ZodRecord)) return [...names];
  const value = bare(at.valueType as z.ZodType);
  if (value instanceof z.ZodUnknown) return [...names];
  const isField = names.length > 1 && Object.hasOwn(shapeOf(value) ?? {}, names.at(-1)!);
  return isField ? [names.slice(0, -1).join("."), names.at(-1)!] : [names.join(".")];
}
