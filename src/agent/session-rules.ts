/** Every rule that counts for the tab in front, and what each has decided lately in the open chats. */
import { type BoundFile, boundFiles, namesOf } from "../approvals/bound-files";
import { type RuleSource, ruleWords } from "../approvals/policy";
import { modeNames, modeWords } from "../chunks/modes";
import type { Decision, RuleOrigin } from "../chunks/rows";
import type { Permission } from "../models/settings-permissions";
import type { ApprovalRecord } from "../store/types";
import { alwaysRules, removeOp } from "./always";
import type { SessionParts } from "./inbox";

export type RuleLine = {
  readonly group: RuleOrigin;
  /** What the rule says; of a built-in one, its name in the log. */
  readonly words: string;
  /** What else a person should know, as sentences. */
  readonly note?: string;
  /** How many calls of the open chats it has decided. Closed ones are files of their own, which are not read for this. */
  readonly count: number;
  /** The newest of them, at most five, the newest first. */
  readonly last: readonly RuleUse[];
};

export type RuleUse = {
  readonly tab: string;
  /** Of the chat. */
  readonly title: string;
  readonly tool: string;
  readonly decision: Decision;
  /** In ms since 1970. */
  readonly at: number;
};

const MAX_USES = 5;

/** Those of people first, then the mode, then what Dispatch itself allows. */
export async function readRules(parts: SessionParts, id: string): Promise<readonly RuleLine[]> {
  const { surroundings, tabs } = parts;
  const uses = await readUses(parts);
  const tab = tabs.byId(id);
  const line = (group: RuleOrigin, words: string, note?: string): RuleLine => {
    const own = uses.get(keyOf(group, group === "tab" ? `${id} allowed in this tab: ${words}` : words)) ?? [];
    const last = own.toSorted((one, other) => other.at - one.at).slice(0, MAX_USES);
    return { group, words, ...(note === undefined ? {} : { note }), count: own.length, last };
  };
  const settings = surroundings.permissions?.();
  const written = (source: RuleSource, rules = settings?.[source === "user" ? "user" : "workspace"].rules ?? []) =>
    rules.map((rule) => line(source, ruleWords(rule), noteOf(source, rule)));
  const always = await alwaysRules(surroundings.store);
  const mode = tab?.mode() ?? "ask";
  return [
    ...written("user"),
    ...written("workspace"),
    ...always.map((rule) => line("always", ruleWords(rule), boundNote(rule.bound ?? []))),
    ...(tab?.grants() ?? []).map(({ words }) => line("tab", words)),
    line("mode", modeNames[mode], modeWords[mode]),
    ...Object.entries(BUILT_IN).map(([name, words]) => line("built-in", name, words)),
  ];
}

/** Takes back a rule that *Always allow …* or *Allow in this tab* has made; the next call is asked again. */
export async function removeRule({ surroundings, tabs }: SessionParts, id: string, line: RuleLine): Promise<void> {
  if (line.group === "tab") tabs.byId(id)?.takeBackGrant(line.words);
  if (line.group === "always") await surroundings.store.write([removeOp(line.words)]);
}

/** What each of Dispatch's own rules allows, by its name in the log. */
const BUILT_IN: Readonly<Record<string, string>> = {
  "read-inside-workspace": "Files and folders of the workspace may be read.",
  "reading-table": "Commands that are known to only read may run, inside the workspace.",
  "own-background-command": "The chat's own background commands may be read and stopped.",
  "no-effect": "What does nothing outside the chat may be done: the task list, questions to you.",
};

function noteOf(source: RuleSource, { action, command, reason }: Permission): string | undefined {
  if (source === "workspace" && action === "allow") return "Ignored: a folder may only forbid and ask.";
  const files = action === "allow" && command !== undefined ? boundFiles(command) : [];
  if (files?.length === 0) return reason;
  const what = files === undefined ? "what it runs" : namesOf(files).join(" and ");
  const unbound = `Counts also after a change of ${what}; a rule that Always allow … makes ends with such a change.`;
  return reason === undefined ? unbound : `${reason} ${unbound}`;
}

function boundNote(bound: readonly BoundFile[]): string | undefined {
  return bound.length === 0 ? undefined : `Counts while ${namesOf(bound).join(" and ")} stay as they were.`;
}

async function readUses({ surroundings, tabs }: SessionParts): Promise<ReadonlyMap<string, readonly RuleUse[]>> {
  const found = new Map<string, RuleUse[]>();
  for (const { id: tab, title } of tabs.states()) {
    for (const record of await surroundings.store.approvals(tab)) {
      const key = ruleOf(record);
      if (key === undefined) continue;
      const use = { tab, title, tool: record.tool, decision: record.decision, at: record.createdAt };
      found.set(key, [...(found.get(key) ?? []), use]);
    }
  }
  return found;
}

function ruleOf({ tabId, decision }: ApprovalRecord): string | undefined {
  if (decision.by === "person") {
    if (decision.askedBy !== undefined) return keyOf(decision.askedBy.from, decision.askedBy.rule);
    return decision.rule === undefined ? undefined : keyOf("always", decision.rule);
  }
  const from = decision.from ?? (decision.rule in BUILT_IN ? "built-in" : "tab");
  return keyOf(from, from === "tab" ? `${tabId} ${decision.rule}` : decision.rule);
}

function keyOf(group: RuleOrigin, words: string): string {
  return `${group}\n${words}`;
}
