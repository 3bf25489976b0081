/** The files of the shell grammar, as the build puts them beside the bundles. */
import { readFile } from "node:fs/promises";
import path from "node:path";

/** @param folder where tree-sitter.wasm and tree-sitter-bash.wasm are. */
export function readGrammar(
  folder: string,
): () => Promise<{ readonly runtime: Uint8Array; readonly bash: Uint8Array }> {
  return async () => {
    const [runtime, bash] = await Promise.all(
      ["tree-sitter.wasm", "tree-sitter-bash.wasm"].map((name) => readFile(path.join(folder, name))),
    );
    if (runtime === undefined || bash === undefined) throw new Error("a file of the grammar is missing");
    return { runtime, bash };
  };
}
