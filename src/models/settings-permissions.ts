/** The setting `dispatch.permissions`, checked: what may be done without a question, what is always asked, and what never. */
import { type Fields, found, listOf, objectOf, oneOf, Wrong } from "./settings-shapes";

/** One rule as somebody wrote it. Every part that is there must match. */
export type Permission = {
  readonly action: "allow" | "ask" | "deny";
  readonly tool?: string;
  /** A glob; relative to the workspace folder unless it is absolute. */
  readonly path?: string;
  /** A pattern on the words of a command. */
  readonly command?: string;
  /** Where a request goes. */
  readonly host?: string;
  readonly reason?: string;
};

export type PermissionsState = {
  readonly rules: readonly Permission[];
  /** What is wrong, in one sentence. The rules are then those from before, and of the new ones those that ask or deny. */
  readonly problem?: string;
};

/** What the checks need to know of this installation. */
export type PermissionWorld = {
  /** Every tool that there is, and those of them that run commands. */
  readonly tools: readonly string[];
  readonly commandTools: readonly string[];
  /** What `~/` stands for at the beginning of a path. */
  readonly home: string;
};

const PARTS = ["action", "tool", "path", "command", "host", "reason"] as const;
const MAX_RULES = 1_000;
const MAX_TEXT = 4_000;

/**
 * @param value of the setting; absent: no rules.
 * @param before what counted until now: it stays as long as the value is broken.
 */
export function parsePermissions(value: unknown, world: PermissionWorld, before?: PermissionsState): PermissionsState {
  if (value === undefined) return { rules: [] };
  const place = "dispatch.permissions";
  const example = '{"action": "allow", "command": "npm test"}';
  if (!Array.isArray(value)) return broken(`${place} ${found(value)}; write a list such as [${example}].`, [], before);
  const entries: readonly unknown[] = value.slice(0, MAX_RULES);
  const read = entries.map((entry, at) => readRule(entry, `${place}[${at}]`, world));
  const rules = read.flatMap((one) => ("rule" in one ? [one.rule] : []));
  const [wrong] = read.flatMap((one) => ("problem" in one ? [one.problem] : []));
  if (wrong !== undefined) return broken(wrong, rules, before);
  if (value.length <= MAX_RULES) return { rules };
  return broken(`${place} has ${value.length} rules; write at most ${MAX_RULES}.`, rules, before);
}

/** Fails closed: nothing new is allowed, and nothing that was forbidden or asked is let go. */
function broken(
  problem: string,
  readable: readonly Permission[],
  before: PermissionsState | undefined,
): PermissionsState {
  const kept = before?.rules ?? [];
  const isKept = (rule: Permission): boolean => kept.some((old) => isSame(old, rule));
  const tightening = readable.filter((rule) => rule.action !== "allow" && !isKept(rule));
  return { rules: [...kept, ...tightening], problem };
}

function isSame(one: Permission, other: Permission): boolean {
  return PARTS.every((part) => one[part] === other[part]);
}

type Read = { readonly rule: Permission } | { readonly problem: string };

function readRule(entry: unknown, place: string, world: PermissionWorld): Read {
  try {
    return { rule: ruleOf(entry, place, world) };
  } catch (error) {
    if (error instanceof Wrong) return { problem: error.message };
    throw error;
  }
}

function ruleOf(entry: unknown, place: string, world: PermissionWorld): Permission {
  const fields = objectOf(entry, place, PARTS);
  const action = oneOf(fields.action, `${place}.action`, ["allow", "ask", "deny"] as const);
  const rule: Permission = {
    action,
    ...part(fields, place, "tool", (text) => toolOf(text, `${place}.tool`, world)),
    ...part(fields, place, "path", (text) => pathOf(text, `${place}.path`, world)),
    ...part(fields, place, "command", (text) => commandOf(text, `${place}.command`)),
    ...part(fields, place, "host", (text) => hostOf(text, `${place}.host`)),
    ...part(fields, place, "reason", (text) => text),
  };
  refuseMixed(rule, place, world);
  if (action === "allow") refuseWide(rule, place, world);
  return rule;
}

/** @returns the part under its name, or nothing when it is absent. */
function part(
  fields: Fields,
  place: string,
  name: (typeof PARTS)[number],
  check: (text: string) => string,
): Partial<Record<string, string>> {
  const value = fields[name];
  if (value === undefined) return {};
  if (typeof value !== "string" || value.trim() === "") {
    throw new Wrong(`${place}.${name} ${found(value)}; write a text, or leave it out.`);
  }
  if (value.length > MAX_TEXT) {
    throw new Wrong(`${place}.${name} has ${value.length} characters; write at most ${MAX_TEXT}.`);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(value)) {
    throw new Wrong(`${place}.${name} contains a control character, which matches nothing; take it out.`);
  }
  return { [name]: check(value) };
}

function toolOf(tool: string, place: string, { tools }: PermissionWorld): string {
  if (tools.includes(tool)) return tool;
  throw new Wrong(`${place} ${found(tool)}, which is no tool; the tools are ${listOf(tools, "and")}.`);
}

function pathOf(path: string, place: string, { home }: PermissionWorld): string {
  if (/^~(?![/\\])/.test(path)) {
    throw new Wrong(`${place} ${found(path)}; write ~/ and what is in your home folder, or a whole path.`);
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) {
    throw new Wrong(
      `${place} ${found(path)}, which is an address; write a path, or host for what goes to the network.`,
    );
  }
  if (path.split(/[/\\]/).includes("..")) {
    throw new Wrong(`${place} ${found(path)}; write it without "..", as a whole path where it leaves the folder.`);
  }
  return path.startsWith("~") ? `${home.replace(/[/\\]$/, "")}${path.slice(1)}` : path;
}

function commandOf(command: string, place: string): string {
  if (command === command.trim()) return command;
  throw new Wrong(`${place} ${found(command)}; write it without blanks before and behind it.`);
}

function hostOf(host: string, place: string): string {
  if (
    /^(?:\*\.)?(?:[a-z0-9_-]+\.)*[a-z0-9_-]+(?::\d{1,5})?$/.test(host) ||
    /^\[[0-9a-f:.]+\](?::\d{1,5})?$/.test(host)
  ) {
    return host;
  }
  throw new Wrong(`${place} ${found(host)}; write a host in small letters, such as "example.com" or "*.example.com".`);
}

function refuseMixed(rule: Permission, place: string, { commandTools }: PermissionWorld): void {
  const { tool, path, command, host } = rule;
  if ([tool, path, command, host].every((one) => one === undefined)) {
    throw new Wrong(`${place} says nothing of what it is about; write at least one of tool, path, command and host.`);
  }
  if (command !== undefined && tool !== undefined && !commandTools.includes(tool)) {
    throw new Wrong(
      `${place} has a command, but ${tool} runs none; leave out tool, or write ${listOf(commandTools.map((name) => `"${name}"`))}.`,
    );
  }
  if (host !== undefined && (command !== undefined || path !== undefined)) {
    throw new Wrong(
      `${place} has a host and a ${command === undefined ? "path" : "command"}, which no call has both; write two rules.`,
    );
  }
}

/** What would allow more than anybody can mean, or nothing at all. */
function refuseWide(rule: Permission, place: string, { commandTools }: PermissionWorld): void {
  const { tool, command } = rule;
  if (command === undefined && tool !== undefined && commandTools.includes(tool)) {
    throw new Wrong(`${place} allows ${tool} without a command; write which commands, such as "npm test".`);
  }
  if (command?.startsWith("*") === true) {
    throw new Wrong(`${place}.command begins with *, which would allow any command; write at least its first word.`);
  }
}
