import { z } from "zod/v4";

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
