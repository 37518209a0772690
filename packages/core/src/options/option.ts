import { z } from "zod/v4";
import { isObject } from "../types.ts";

/** What an option says of itself beside its type and default. */
export interface About {
  /** Whole sentences. */
  description: string;
  /** What its default is, in words, where that is not one value. */
  otherwise?: string;
  /** A value to show. @default the option's own default */
  example?: unknown;
}

/** A schema with what is said of it; `about` may hold more than {@link About} has, for whoever reads it there. */
export function option<S extends z.ZodType>(schema: S, description: string, about: Omit<About, "description"> = {}): S {
  return schema.meta({ description, ...about });
}

/** What is said of an option; undefined for a schema that is not an option. */
export function aboutOf(schema: z.core.$ZodType): About | undefined {
  return z.globalRegistry.get(schema) as About | undefined;
}

/** A text that says something. */
export const text = z.string().min(1);

/** A whole number from 1 on. */
export const count = z.int().min(1);

/** A number from 0 on. */
export const quantity = z.number().min(0);

/** One text, or several, as a list. */
export function asList(given: string | readonly string[]): string[] {
  return [given].flat() as string[];
}

/** A schema without its default and whether it may be missing. */
export function bare(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodReadonly)
    return bare(schema.def.innerType as z.ZodType);
  return schema instanceof z.ZodPipe ? bare(schema.def.in as z.ZodType) : schema;
}

/** The options of an object; undefined for another schema. */
export function shapeOf(schema: z.ZodType | undefined): Readonly<Record<string, z.ZodType>> | undefined {
  return schema instanceof z.ZodObject ? schema.shape : undefined;
}

/** An option of an object: its schema, and its description where it has one. */
export interface DescribedOption {
  schema: z.ZodType;
  description: string | undefined;
}

/** Every object of options that a schema holds, itself among them; none for what is no schema. */
export function describedShapes(schema: unknown): Record<string, DescribedOption>[] {
  if (!(schema instanceof z.ZodType)) return [];
  const inner = bare(schema);
  if (inner instanceof z.ZodUnion) return (inner.options as z.ZodType[]).flatMap(describedShapes);
  const fields = Object.entries(shapeOf(inner) ?? {});
  if (fields.length === 0) return [];
  const shape = fields.map(([name, schema]) => [name, { schema, description: aboutOf(schema)?.description }]);
  return [Object.fromEntries(shape), ...fields.flatMap(([, field]) => describedShapes(field))];
}

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

/**
 * The lines of a config file in TypeScript that sets some options: each below what it is, and after them, in comments, those that it leaves
 * with their examples or defaults.
 * @param values of those that it sets, as TypeScript writes them
 * @param notes a comment behind a value @default none
 */
export function configLines(
  schema: z.ZodObject,
  values: Readonly<Record<string, string | undefined>>,
  notes: Readonly<Record<string, string>> = {},
): string[] {
  const options = Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, field]) => {
    const { description, example = jsonSchemaOf(field).default } = aboutOf(field)!;
    const comment = description.match(/.{1,100}(?:\s|$)/g)!.map((line) => `// ${line.trimEnd()}`);
    return { name, value: values[name], example, comment };
  });
  const set = options.filter(({ value }) => value !== undefined);
  const others = options.filter(({ value }) => value === undefined);
  const lines = [
    ...set.flatMap(({ name, value, comment }) => [...comment, `${name}: ${value},${notes[name] ?? ""}`, ""]),
    "// What else there is:",
    ...others.flatMap(({ name, example, comment }) => ["//", ...comment, `// ${name}: ${literal(example)},`]),
  ];
  return lines.map((line) => (line ? `  ${line}` : line));
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
