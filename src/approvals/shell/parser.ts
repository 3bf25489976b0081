/** Reads a command twice, by two parsers that share nothing, and believes only what both say. */
import { lex } from "./lex";
import { MAX_LENGTH, type Range, type Script } from "./script";
import { readTree, type TreeReading } from "./tree";

/** Reads one command. Never throws. */
export type ShellParser = (text: string) => Script;

/** The bytes of tree-sitter.wasm and tree-sitter-bash.wasm. */
export type Grammar = { readonly runtime: Uint8Array; readonly bash: Uint8Array };

/** Takes some 40 ms, once. Rejects where WebAssembly is not to be had or the files are not what they should be. */
export async function loadShellParser(grammar: Grammar): Promise<ShellParser> {
  const { Parser, Language } = moduleOf(await import("@vscode/tree-sitter-wasm"));
  // The package's types know only `locateFile`; the module takes the bytes as every one of Emscripten's does.
  const options = { wasmBinary: grammar.runtime, locateFile: (file: string) => file };
  await Parser.init(options);
  const parser = new Parser();
  parser.setLanguage(await Language.load(grammar.bash));
  return (text) => {
    try {
      return readScript(text, () => treeOf(parser, text));
    } catch {
      return unclear("the parser failed");
    }
  };
}

type TreeSitter = Pick<typeof import("@vscode/tree-sitter-wasm"), "Parser" | "Language">;

/** The package is a CommonJS module: bundled it has its names, imported by Node it is the default export of one. */
function moduleOf(loaded: unknown): TreeSitter {
  if (isTreeSitter(loaded)) return loaded;
  if (typeof loaded === "object" && loaded !== null && "default" in loaded && isTreeSitter(loaded.default)) {
    return loaded.default;
  }
  throw new Error("The package of the shell parser is not what it should be.");
}

function isTreeSitter(value: unknown): value is TreeSitter {
  return typeof value === "object" && value !== null && "Parser" in value && "Language" in value;
}

function treeOf(parser: { parse(text: string): Parameters<typeof readTree>[0] | null }, text: string) {
  const tree = parser.parse(text);
  if (tree === null) return undefined;
  try {
    return readTree(tree);
  } finally {
    tree.delete();
  }
}

function readScript(text: string, tree: () => TreeReading | undefined): Script {
  if (text.length > MAX_LENGTH) return unclear(`it is longer than ${MAX_LENGTH} characters`);
  if (HIDDEN.test(text)) return unclear("it contains invisible or control characters");
  const lexed = lex(text);
  if ("unclear" in lexed) return unclear(lexed.unclear);
  const read = tree();
  const commands = lexed.pipelines.flatMap((pipeline) => pipeline.commands.map((command) => command.words));
  const agrees =
    read !== undefined &&
    same(commands.flat(), read.commands.flat()) &&
    commands.length === read.commands.length &&
    commands.every((words, index) => words.length === read.commands[index]?.length) &&
    same(lexed.operators, read.operators) &&
    same(lexed.redirects, read.redirects) &&
    same(lexed.comments, read.comments);
  if (!agrees) return unclear("its parts can't be told apart with certainty");
  return { kind: "script", pipelines: lexed.pipelines };
}

/** Controls but tab and line feed, format characters, halves of pairs, unassigned and private ones, odd blanks. */
const HIDDEN = /[^\P{C}\t\n]|(?! )\p{Z}/u;

function same(left: readonly Range[], right: readonly Range[]): boolean {
  return (
    left.length === right.length &&
    left.every((range, index) => range.start === right[index]?.start && range.end === right[index]?.end)
  );
}

function unclear(why: string): Script {
  return { kind: "unclear", why };
}
