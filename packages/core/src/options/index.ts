/**
 * Options as config files and command lines hold them: schemas of zod (optional peer) that say of each option what it is, its default and
 * an example, and what is made of such schemas: checked options, errors that name the field and the word that was meant, JSON Schema,
 * assignments. Other packages have schemas of their own options, at their entry of the same name, made by the `z` of this one, so that all are
 * of one zod, whichever copies of it are installed.
 *
 * @example
 * import { checkOptions, endpoint } from "@rag-instruct/core/options";
 *
 * const { name, baseUrl } = checkOptions(endpoint, JSON.parse(text), () => "model.json");
 *
 * @module
 */

export { z } from "zod/v4";
export {
  type Budget,
  budget,
  type Endpoint,
  endpoint,
  type GgufChoice,
  gguf,
  modelSettings,
  prices,
  rateLimits,
  type SettingsChoice,
} from "./model-options.ts";
export {
  type About,
  aboutOf,
  asList,
  bare,
  configLines,
  count,
  type DescribedOption,
  defaultText,
  describedShapes,
  type JsonSchema,
  jsonSchemaOf,
  literal,
  option,
  quantity,
  shapeOf,
  text,
} from "./option.ts";
export {
  checkOptions,
  didYouMean,
  jsonOrText,
  type PlaceOf,
  putAt,
  readAssignment,
  readFields,
} from "./read-options.ts";
