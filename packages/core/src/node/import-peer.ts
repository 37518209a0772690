import { RagInstructError } from "../errors.ts";

/**
 * Loads an optional peer dependency at the moment it is needed: `importPeer("faiss-node", () => import("faiss-node"))`.
 * The import stands with the caller, so that strict package managers resolve it from there.
 * Throws `peer-missing` with the command that installs it.
 */
export async function importPeer<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_MODULE_NOT_FOUND" && message.includes(name)) {
      throw new RagInstructError("peer-missing", `this needs the package ${name}: npm install ${name}`, {
        cause: error,
      });
    }
    throw error;
  }
}
