export { inputTokenizer, readTokenizer, type Tokenizer } from "./tokenizer.ts";
