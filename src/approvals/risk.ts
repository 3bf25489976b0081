/**
 * What is risky about a call, in one plain line. Keywords only choose the words on the card: they never decide
 * whether a call is asked, so a miss costs a hint and nothing else.
 */
import type { Effect } from "../chunks/effect";
import { assertNever } from "../chunks/rows";
import { reveal } from "./reveal";
import type { CommandFacts } from "./shell/facts";

/**
 * The line under the title of an approval card. Dangers first, then what is always true of such a call.
 * @param facts of a command: what only reads needs no warning, whatever its words are.
 */
export function riskOf(effect: Effect, facts?: CommandFacts): string {
  switch (effect.kind) {
    case "run":
      return commandRisk(effect.command, effect.inside, facts) + (effect.background === true ? ` ${GOES_ON}` : "");
    case "write":
      return writeRisk(effect);
    case "read":
      return `Reads ${effect.inside ? "from" : "outside"} the workspace${effect.deep === true ? ", in this folder and all below it," : ""} and sends ${effect.deep === true ? "what it finds" : "it"} to the model.`;
    case "job":
      return effect.act === "stop"
        ? "Ends a background command of this chat."
        : "Reads what a background command of this chat has printed.";
    case "net":
      return effect.private ? `${PRIVATE} ${effect.why}` : effect.why;
    case "none":
      return "Does nothing outside this chat.";
    default:
      return assertNever(effect);
  }
}

const PRIVATE =
  "This address is on your machine or in its own network, where there may be services that trust whoever can reach them.";
const GOES_ON = "Goes on in the background, without a time limit, until it ends or is stopped, or the chat is closed.";

function writeRisk(effect: Extract<Effect, { kind: "write" }>): string {
  const where = effect.inside ? "Changes a file in the workspace." : "Writes outside the workspace.";
  if (effect.guarded === undefined) return where;
  return effect.inside ? effect.guarded : `${where} ${effect.guarded}`;
}

function commandRisk(command: string, inside: boolean, facts: CommandFacts | undefined): string {
  const text = facts?.kind === "known" ? actingWords(facts) : command;
  const hints = HINTS.filter((hint) => hint.pattern.test(text)).map((hint) => hint.words);
  if (facts?.kind === "known" && inside) hints.push(...outsideHints(facts));
  if (facts?.kind === "known") hints.push(...endlessHints(facts));
  if (!inside) hints.unshift("starts outside the workspace");
  const always = "Runs on your machine with your rights, outside any sandbox.";
  return hints.length === 0 ? always : `${capitalised(hints.join(", "))}. ${always}`;
}

type Known = Extract<CommandFacts, { kind: "known" }>;

function actingWords({ commands }: Known): string {
  return commands.flatMap(({ argv, reads }) => (reads ? [] : [argv.join(" ")])).join(" ; ");
}

function outsideHints({ commands, paths }: Known): readonly string[] {
  if (paths.every(({ inside }) => inside)) return [];
  return [commands.every(({ reads }) => reads) ? "reads outside the workspace" : "names files outside the workspace"];
}

function endlessHints({ paths }: Known): readonly string[] {
  const names = new Set(paths.flatMap(({ special, given }) => (special === true ? [reveal(given).text] : [])));
  const [first] = names;
  if (first === undefined) return [];
  const which = names.size === 1 ? first : `${first} and ${names.size - 1} more`;
  return [`may wait without end at ${which}, where a pipe, a socket or a device is read`];
}

/** A word stands where a shell could start a command or at least after a blank, so `git rm` and `sudo rm` count too. */
function words(list: string): RegExp {
  return new RegExp(String.raw`(?:^|[\s;&|(\x60/'"\\])(?:${list})(?=$|[\s;&|)\x60'"])`, "i");
}

const HINTS: readonly { readonly pattern: RegExp; readonly words: string }[] = [
  {
    pattern: words(
      String.raw`rm|rmdir|unlink|shred|dd|mkfs\S*|truncate|del|rd|erase|remove-item|git\s+(?:clean|reset|checkout|restore|stash|rm)|find\s[^|;&]*-delete`,
    ),
    words: "may delete files or discard changes",
  },
  {
    pattern: words(
      String.raw`curl|wget|ssh|scp|sftp|rsync|nc|ncat|netcat|telnet|ftp|ping|dig|nslookup|host|npx|bunx|invoke-webrequest|iwr|irm|(?:npm|pnpm|yarn|bun|pip3?|gem|cargo|go|apt|apt-get|brew|dnf|apk)\s+(?:\S+\s+)*?(?:i|ci|install|add|get|update|upgrade|publish|download|fetch)|git\s+(?:\S+\s+)*?(?:push|pull|fetch|clone|ls-remote)|docker\s+(?:pull|push|run|build)`,
    ),
    words: "reaches the network",
  },
  { pattern: words("sudo|doas|su|runas|pkexec"), words: "asks for administrator rights" },
  { pattern: words("kill|pkill|killall|taskkill|shutdown|reboot"), words: "stops processes" },
  { pattern: words("chmod|chown|icacls|setfacl"), words: "changes permissions" },
  { pattern: words(String.raw`git\s+(?:\S+\s+)*?(?:commit|push|merge|rebase|tag)`), words: "changes the repository" },
];

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
