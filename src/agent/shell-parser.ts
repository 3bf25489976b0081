/** The shell parser, loaded when the first command is decided: it takes some 40 ms and 1.5 MB. */
import { type Grammar, loadShellParser, type ShellParser } from "../approvals/shell/parser";

/**
 * @param grammar reads the files of the grammar.
 * @returns gives the parser; undefined when it can't be loaded, which is said once.
 */
export function lazyShellParser(
  grammar: () => Promise<Grammar>,
  log: (level: "warn", message: string) => void,
): () => Promise<ShellParser | undefined> {
  let loading: Promise<ShellParser | undefined> | undefined;
  const load = async (): Promise<ShellParser | undefined> => {
    try {
      return await loadShellParser(await grammar());
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log("warn", `The shell parser could not be loaded; every command is asked: ${why}`);
      return undefined;
    }
  };
  return () => {
    loading ??= load();
    return loading;
  };
}
