/** What a tool call is about, in words: verb, object, arguments. Works on arguments that are still streaming in. */
import type { Decision } from "../src/chunks/rows";
import { assertNever } from "../src/chunks/rows";
import { todoTool } from "../src/chunks/todo";
import type { ToolView } from "./items";
import { plural } from "./words";

/** `file` opens in the editor; `command` is shown in code font; `text` is anything else. */
export type ToolObject =
  | { readonly kind: "file"; readonly path: string; readonly line?: number; readonly range: string }
  | { readonly kind: "command"; readonly command: string }
  | { readonly kind: "text"; readonly text: string };

/** A name of the codicon font, the verb in three forms: to do, doing, done. */
type Words = { readonly icon: string; readonly verbs: readonly [string, string, string] };

const WORDS: Readonly<Record<string, Words>> = {
  read_file: { icon: "file", verbs: ["Read", "Reading", "Read"] },
  list_files: { icon: "folder", verbs: ["List", "Listing", "Listed"] },
  write_file: { icon: "new-file", verbs: ["Write", "Writing", "Wrote"] },
  edit_file: { icon: "edit", verbs: ["Edit", "Editing", "Edited"] },
  job_output: { icon: "terminal", verbs: ["Look at job", "Looking at job", "Looked at job"] },
  job_stop: { icon: "debug-stop", verbs: ["Stop job", "Stopping job", "Stopped job"] },
  ask_user: { icon: "comment-discussion", verbs: ["Ask", "Asking", "Asked"] },
  todo: { icon: "checklist", verbs: ["Update", "Updating", "Updated"] },
  search: { icon: "search", verbs: ["Search for", "Searching for", "Searched for"] },
  read_output: { icon: "file", verbs: ["Read output", "Reading output", "Read output"] },
  find_files: { icon: "search", verbs: ["Find", "Finding", "Found"] },
  diagnostics: { icon: "warning", verbs: ["Check", "Checking", "Checked"] },
  web_fetch: { icon: "globe", verbs: ["Fetch", "Fetching", "Fetched"] },
  web_search: { icon: "globe", verbs: ["Search web for", "Searching web for", "Searched web for"] },
  youtube_transcribe: {
    icon: "device-camera-video",
    verbs: ["Get captions of", "Getting captions of", "Got captions of"],
  },
  run_shell: { icon: "terminal", verbs: ["Run", "Running", "Ran"] },
};

export function toolIcon(name: string): string {
  return wordsOf(name).icon;
}

/** A command that failed did run; anything else that failed was not done. */
export function toolVerb({ name, state, result }: Pick<ToolView, "name" | "state" | "result">): string {
  const [todo, doing, done] = wordsOf(name).verbs;
  const ran = state === "error" && name === "run_shell" && result?.outcome !== "unknown";
  return state === "running" ? doing : state === "done" || ran ? done : todo;
}

/** The arguments as far as they are known: an object's entries, or none while nothing can be read. */
export function toolArguments(argumentsText: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(argumentsText);
    return isRecord(value) ? value : {};
  } catch {
    return partialStrings(argumentsText);
  }
}

export function toolObject(name: string, argumentsText: string): ToolObject {
  if (name === todoTool) return { kind: "text", text: "task list" };
  const args = toolArguments(argumentsText);
  const { path, command, pattern, globs } = args;
  if (name === "search" && typeof pattern === "string") return { kind: "command", command: pattern };
  if (name === "find_files" && Array.isArray(globs)) return { kind: "command", command: globs.join(" ") };
  if (name === "diagnostics" && (typeof path !== "string" || path === "" || path === "."))
    return { kind: "text", text: "the workspace" };
  if (name !== "list_files" && typeof path === "string" && path !== "") {
    return fileObject(path, args);
  }
  if (typeof command === "string") {
    return { kind: "command", command };
  }
  if (typeof path === "string") {
    return { kind: "text", text: path === "" ? "." : path };
  }
  if (name === "web_fetch" && typeof args.url === "string") {
    return { kind: "text", text: args.url.replace(/^https?:\/\//i, "") };
  }
  const first = Object.values(args).find((value) => typeof value === "string");
  return { kind: "text", text: typeof first === "string" ? first : name === "list_files" ? "." : "" };
}

/** The object on one line, for names that screen readers and tests use. */
export function objectText(object: ToolObject): string {
  switch (object.kind) {
    case "file":
      return object.path;
    case "command":
      return oneLine(object.command);
    case "text":
      return oneLine(object.text);
    default:
      return assertNever(object);
  }
}

/** `Read 5 files, listed 2 folders, searched twice`. */
export function readsLine(tools: readonly ToolView[]): string {
  const count = (name: string) =>
    new Set(tools.filter((tool) => tool.name === name).map((tool) => objectText(toolObject(name, tool.argumentsText))))
      .size;
  const files = count("read_file");
  const folders = count("list_files");
  const outputs = count("read_output");
  const read = [
    ...(files === 0 ? [] : [`read ${plural(files, "file")}`]),
    ...(outputs === 0 ? [] : [`read ${plural(outputs, "output")}`]),
  ];
  const listed = folders === 0 ? [] : [`listed ${plural(folders, "folder")}`];
  const searches = tools.filter((tool) => tool.name === "search" || tool.name === "find_files").length;
  const searched = searches === 0 ? [] : [`searched ${times(searches)}`];
  const line = [...read, ...listed, ...searched].join(", ");
  return line.charAt(0).toUpperCase() + line.slice(1);
}

const times = (number: number): string => (number === 1 ? "once" : number === 2 ? "twice" : `${number} times`);

/** Who or what let the call run, or did not. */
export function decisionLine(decision: Decision): string {
  if (decision.by === "rule") return ruleLine(decision);
  const { askedBy } = decision;
  const asked = askedBy === undefined ? "" : ` (the rule “${askedBy.rule}” asks)`;
  return personLine(decision) + asked;
}

function personLine({ effect, reason, rule }: Extract<Decision, { by: "person" }>): string {
  switch (effect) {
    case "allow_once":
      return "Allowed by you, once";
    case "allow_tab":
      return "Allowed by you, for this tab";
    case "allow_always":
      return `Allowed by you, from now on by the rule “${rule ?? ""}”`;
    case "deny":
      return reason === undefined ? "Denied by you" : `Denied by you: ${reason}`;
    default:
      return assertNever(effect);
  }
}

function ruleLine({ rule, effect, from }: Extract<Decision, { by: "rule" }>): string {
  const done = effect === "allow" ? "Allowed" : "Refused";
  switch (from) {
    case "built-in":
      return `${done} by Dispatch itself: ${(Object.hasOwn(BUILT_IN, rule) ? BUILT_IN[rule] : undefined) ?? rule}`;
    case "tab":
      return `${done}, as you ${rule}`;
    case "mode":
      return `${done} by the mode ${rule}`;
    case "user":
      return `${done} by the rule “${rule}” of your settings`;
    case "workspace":
      return `${done} by the rule “${rule}” of this folder’s settings`;
    case "always":
      return `${done} by the rule “${rule}”, which you always allow`;
    case undefined:
      return `${done} by the rule “${rule}”`;
    default:
      return assertNever(from);
  }
}

/** The rules that Dispatch has itself, by their names in the log. */
const BUILT_IN: Readonly<Record<string, string>> = {
  "read-inside-workspace": "it reads inside the workspace",
  "reading-table": "each command is known to only read, inside the workspace",
  "own-background-command": "it is about a command of this chat",
  "no-effect": "nothing happens outside the chat",
};

function wordsOf(name: string): Words {
  const words = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
  return words ?? { icon: "tools", verbs: [name, name, name] };
}

function fileObject(path: string, args: Readonly<Record<string, unknown>>): ToolObject {
  const from = lineNumber(args.offset);
  const count = lineNumber(args.limit);
  const to = count === undefined ? undefined : (from ?? 1) + count - 1;
  const range = from === undefined && to === undefined ? "" : `:${from ?? 1}${to === undefined ? "" : `–${to}`}`;
  return { kind: "file", path, range, ...(from === undefined ? {} : { line: from }) };
}

function lineNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined;
}

/** Reads `"name": "text` pairs out of JSON that has not arrived in full. */
function partialStrings(text: string): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const match of text
    .slice(0, 4000)
    .matchAll(/"(path|command|pattern|question|url|query|video)"\s*:\s*"((?:[^"\\]|\\.)*)/g)) {
    const [, name, value] = match;
    if (name !== undefined && value !== undefined && !(name in found)) {
      found[name] = unescapeJson(value);
    }
  }
  return found;
}

function unescapeJson(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
