import { z } from "zod/v4";
import { isObject } from "../is-object.ts";
import { aboutOf } from "./option.ts";

export type JsonSchema = Record<string, unknown>;

/** JSON Schema (2020-12) of options, as a file may hold them. What only a program can hold, such as a model object, is left out. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override({ zodSchema, jsonSchema }) {
      const { description: _, example, ...more } = aboutOf(zodSchema) ?? {};
      for (const key of ["example", "readOnly", ...Object.keys(more)]) delete jsonSchema[key];
      // What zod says of every whole number.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (example !== undefined) jsonSchema.examples = [example];
      const options = zodSchema instanceof z.ZodUnion ? (zodSchema.options as z.ZodType[]) : [];
      if (options.some(isProgramOnly))
        jsonSchema.anyOf = jsonSchema.anyOf?.filter((_, i) => !isProgramOnly(options[i]!));
    },
  }) as JsonSchema;
}

function isProgramOnly(schema: z.ZodType): boolean {
  return schema instanceof z.ZodCustom;
}

/** The default of an option in words, or as TypeScript writes it; undefined where there is none. */
export function defaultText(schema: z.ZodType): string | undefined {
  const { otherwise } = aboutOf(schema) ?? {};
  const { default: value } = jsonSchemaOf(schema);
  return otherwise ?? (value === undefined ? undefined : literal(value));
}

/** A value as people write it in TypeScript. */
export function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([name, field]) => `${/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)}: ${literal(field)}`);
  return fields.length > 0 ? `{ ${fields.join(", ")} }` : "{}";
}
