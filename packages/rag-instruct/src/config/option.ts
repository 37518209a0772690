import { type About, aboutOf as aboutAny, option as anyOption, type z } from "@rag-instruct/core/options";

/** What an option of a run says of itself beside its type and default. */
export interface OptionAbout extends About {
  /** Whether it decides the outputs: then `manifest.json` keeps it, so that a run can be repeated. */
  decides?: true;
  flags?: readonly Flag[];
}

/** A flag of the command line that sets an option. */
export interface Flag {
  /** As the help shows it: `--pairs <number>`. A `<number>` is a whole one, `<dollars>` an amount; `<file,...>` may be given more than once or as a list with commas. */
  name: string;
  /** @default the option's description */
  text?: string;
  /** Environment variable that is read where the flag is not given. */
  env?: string;
  /** Whether the text of another flag says what it does, so that help does not list it. @default false */
  isInAnother?: boolean;
}

/** A schema with what is said of it. */
export const option: <S extends z.ZodType>(schema: S, text: string, about?: Omit<OptionAbout, "description">) => S =
  anyOption;

/** What is said of an option; undefined for a schema that is not an option. */
export const aboutOf: (schema: z.core.$ZodType) => OptionAbout | undefined = aboutAny;
