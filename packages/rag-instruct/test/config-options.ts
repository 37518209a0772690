import { isObject } from "@rag-instruct/core";
import { bare, defaultText, type JsonSchema, jsonSchemaOf, literal, z } from "@rag-instruct/core/options";
import { wholeSchema } from "../src/config/load.ts";
import { aboutOf, type OptionAbout } from "../src/config/schema.ts";

/** An option as documentation shows it. */
export interface OptionEntry extends OptionAbout {
  /** Its name after those of the options that it is in: `corpus.words`. */
  path: string;
  /** As TypeScript writes it, with what JSON can say. */
  type: string;
  isRequired: boolean;
  /** As TypeScript writes it; undefined where there is none. */
  default: string | undefined;
}

/** Every option with a description, each followed by the options within it. */
export function configOptions(): OptionEntry[] {
  return optionsIn(wholeSchema, "");
}

function optionsIn(schema: z.ZodType, within: string): OptionEntry[] {
  const inner = bare(schema);
  if (inner instanceof z.ZodUnion) {
    // Two kinds of a model may have an option in common.
    const all = (inner.options as z.ZodType[]).flatMap((each) => optionsIn(each, within));
    return all.filter(({ path }, i) => all.findIndex((other) => other.path === path) === i);
  }
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(inner.shape as Record<string, z.ZodType>).flatMap(([name, field]) => {
    const about = aboutOf(field);
    if (!about) return [];
    const path = `${within}${name}`;
    const json = jsonSchemaOf(field);
    const entry = { ...about, path, type: typeOf(json), isRequired: !field.isOptional(), default: defaultText(field) };
    return [entry, ...optionsIn(field, `${path}.`)];
  });
}

function typeOf(schema: JsonSchema): string {
  const { anyOf, enum: values, const: value, type, items, additionalProperties, properties } = schema;
  if (Array.isArray(anyOf)) return anyOf.map((each) => typeOf(each as JsonSchema)).join(" | ");
  if (Array.isArray(values)) return values.map(literal).join(" | ");
  if (value !== undefined) return literal(value);
  if (type === "array") {
    const item = typeOf(items as JsonSchema);
    return item.includes("|") ? `(${item})[]` : `${item}[]`;
  }
  if (isObject(properties)) return `{ ${Object.keys(properties).join(", ")} }`;
  if (isObject(additionalProperties)) return `{ [name]: ${typeOf(additionalProperties)} }`;
  return type === "integer" ? "number" : typeof type === "string" ? type : "object";
}
