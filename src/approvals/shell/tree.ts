/**
 * The second reading of a command: the tree of tree-sitter's bash grammar, of which only listed kinds of nodes count.
 * It is reduced to places in the text, which must be the same that `lex.ts` has found.
 */
import type { Node, Tree } from "@vscode/tree-sitter-wasm";
import type { Range } from "./script";

export type TreeReading = {
  /** The words of each command, in order. */
  readonly commands: readonly (readonly Range[])[];
  readonly operators: readonly Range[];
  readonly redirects: readonly Range[];
  readonly comments: readonly Range[];
};

/** @returns undefined where the tree has an error or a node that is not listed. */
export function readTree(tree: Tree): TreeReading | undefined {
  const root = tree.rootNode;
  if (root.hasError) return undefined;
  const reading = { commands: [], operators: [], redirects: [], comments: [] };
  return visit(root, { ...reading, words: undefined }) ? reading : undefined;
}

type State = {
  readonly commands: Range[][];
  readonly operators: Range[];
  readonly redirects: Range[];
  readonly comments: Range[];
  /** Of the command that is being read. */
  readonly words: Range[] | undefined;
};

const WORDS = new Set(["word", "string", "raw_string", "number", "concatenation"]);
const WITHIN_WORDS = new Set([...WORDS, "string_content", '"', "$", "simple_expansion", "special_variable_name"]);
const CONTAINERS = new Set(["program", "list", "pipeline", "negated_command"]);
const OPERATORS = new Set(["&&", "||", ";", "|", "!"]);
const REDIRECTIONS = new Set([">", ">>", ">&", "&>", "&>>", "<"]);
const TEST_WORDS = new Set(["[", "]", "!", "=", "==", "!=", "test_operator"]);

function visit(node: Node, state: State): boolean {
  if (node.isMissing || node.isError) return false;
  if (node.type === "\n") return true;
  if (CONTAINERS.has(node.type)) return visitAll(node, state);
  if (node.type === "comment") return state.comments.push(rangeOf(node)) > 0;
  if (OPERATORS.has(node.type)) return state.operators.push(rangeOf(node)) > 0;
  switch (node.type) {
    case "redirected_statement":
    case "command":
    case "test_command": {
      if (state.words !== undefined) return visitCommand(node, state, state.words);
      const words: Range[] = [];
      const isRead = visitCommand(node, { ...state, words }, words);
      state.commands.push(words.sort((left, right) => left.start - right.start));
      return isRead;
    }
    default:
      return false;
  }
}

function visitAll(node: Node, state: State): boolean {
  return childrenOf(node).every((child) => visit(child, state));
}

/** A command, or one with redirections around it. */
function visitCommand(node: Node, state: State, words: Range[]): boolean {
  return childrenOf(node).every((child) => {
    switch (child.type) {
      case "command_name":
        return childrenOf(child).every((name) => addWord(name, words));
      case "command":
      case "test_command":
        return node.type === "redirected_statement" && visitCommand(child, state, words);
      case "file_redirect":
        return visitRedirect(child, state, words);
      default:
        return node.type === "test_command" ? addTest(child, words) : addWord(child, words);
    }
  });
}

/** The grammar puts words that follow the target into the redirection; they are the command's. */
function visitRedirect(node: Node, state: State, words: Range[]): boolean {
  let hasTarget = false;
  return childrenOf(node).every((child) => {
    if (child.type === "file_descriptor" || REDIRECTIONS.has(child.type)) return !hasTarget;
    if (hasTarget) return addWord(child, words);
    hasTarget = true;
    state.redirects.push({ start: node.startIndex, end: child.endIndex });
    return addWord(child, []);
  });
}

function addTest(node: Node, words: Range[]): boolean {
  if (node.type === "unary_expression" || node.type === "binary_expression") {
    return childrenOf(node).every((child) => addTest(child, words));
  }
  return TEST_WORDS.has(node.type) ? words.push(rangeOf(node)) > 0 : addWord(node, words);
}

function addWord(node: Node, words: Range[]): boolean {
  if (node.type !== "$" && !WORDS.has(node.type)) return false;
  words.push(rangeOf(node));
  return isPlainWord(node);
}

function isPlainWord(node: Node): boolean {
  if (node.isMissing || node.isError || !WITHIN_WORDS.has(node.type)) return false;
  if (node.type === "simple_expansion" && node.text !== "$?") return false;
  return childrenOf(node).every(isPlainWord);
}

function childrenOf(node: Node): readonly Node[] {
  return node.children.filter((child) => child !== null);
}

function rangeOf(node: Node): Range {
  return { start: node.startIndex, end: node.endIndex };
}
