/** The words of the list of rules. Pure: nothing here needs VS Code. */
import type { RuleLine, RuleUse } from "../agent/session-rules";
import { plainLine } from "../chunks/plain-line";
import { assertNever, type Decision, type RuleOrigin } from "../chunks/rows";
import { whenText } from "../chunks/when";

export type RuleItem =
  | { readonly is: "group"; readonly label: string }
  | {
      readonly is: "rule";
      readonly line: RuleLine;
      readonly label: string;
      readonly detail?: string;
    };

/** What can be done with one rule, and what it has decided. */
export type RuleAct =
  | {
      readonly is: "remove" | "open-settings" | "open-folder-settings" | "select-mode" | "back";
      readonly label: string;
    }
  | { readonly is: "use"; readonly use: RuleUse; readonly label: string; readonly description: string };

/** @param now in ms since 1970. */
export function ruleItems(lines: readonly RuleLine[], now: number): readonly RuleItem[] {
  return lines.flatMap((line, at): readonly RuleItem[] => {
    const item = itemOf(line, now);
    return lines[at - 1]?.group === line.group ? [item] : [{ is: "group", label: groupNames[line.group] }, item];
  });
}

export function ruleActs(line: RuleLine, now: number): readonly RuleAct[] {
  const uses = line.last.map((use): RuleAct => {
    const description = [whenText(use.at, now), plainLine(use.title)].join(" · ");
    return { is: "use", use, label: `$(${iconOf(use.decision)}) ${decided(use.decision)}: ${use.tool}`, description };
  });
  return [...actsOf(line.group), ...uses, { is: "back", label: "$(arrow-left) All rules" }];
}

export const groupNames: Readonly<Record<RuleOrigin, string>> = {
  user: "Your settings",
  workspace: "This folder's settings",
  always: "Always allowed in this folder",
  tab: "Allowed in this tab",
  mode: "Mode of this chat",
  "built-in": "Dispatch itself",
};

function itemOf(line: RuleLine, now: number): RuleItem {
  const { group, words, note, count, last } = line;
  const newest = last[0];
  const times = count === 1 ? "once" : `${count} times`;
  const label = group === "built-in" ? (note ?? words) : words;
  const uses = newest === undefined ? [] : [`Decided ${times} in the open chats, last ${whenText(newest.at, now)}.`];
  const detail = [...(group === "built-in" || note === undefined ? [] : [plainLine(note)]), ...uses].join(" ");
  return { is: "rule", line, label: plainLine(label), ...(detail === "" ? {} : { detail }) };
}

function actsOf(group: RuleOrigin): readonly RuleAct[] {
  switch (group) {
    case "user":
      return [{ is: "open-settings", label: "$(settings-gear) Open your settings" }];
    case "workspace":
      return [{ is: "open-folder-settings", label: "$(settings-gear) Open this folder's settings" }];
    case "always":
    case "tab":
      return [{ is: "remove", label: "$(trash) Remove: what it allows is asked again" }];
    case "mode":
      return [{ is: "select-mode", label: "$(settings-gear) Select another mode" }];
    case "built-in":
      return [];
    default:
      return assertNever(group);
  }
}

function decided({ by, effect }: Decision): string {
  const who = by === "person" ? " by you" : "";
  return effect === "deny" ? `Refused${who}` : `Allowed${who}`;
}

function iconOf({ effect }: Decision): string {
  return effect === "deny" ? "circle-slash" : "check";
}
