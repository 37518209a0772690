import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A small model as a GGUF file, where there is one. */
export const ggufFile = process.env.RAG_INSTRUCT_GGUF;
const python = process.env.RAG_INSTRUCT_PYTHON;
const library = process.env.RAG_INSTRUCT_LLAMA_SERVER;
/** Whether llama.cpp's server can be started here with that model. */
export const hasLlamaServer = Boolean(ggufFile && python && library);

const program = fileURLToPath(new URL("./llama-server.py", import.meta.url));

/** llama.cpp's own HTTP server with the small model, in a process of its own. */
export async function llamaServer(): Promise<{ url: string } & AsyncDisposable> {
  const child = spawn(python!, [program, ggufFile!], {
    env: { ...process.env, PYTHONPATH: library },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = once(child, "close");
  const [address] = (await Promise.race([
    once(createInterface(child.stdout), "line"),
    ended.then(([code]) => {
      throw new Error(`llama.cpp's server ended with ${code}`);
    }),
  ])) as [string];
  return {
    url: `${address}/v1`,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
