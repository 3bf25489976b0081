/**
 * Whether git, which only reads, would run programs that the repository at hand names. A repository that came as an archive
 * can bring a .git folder with such settings and hooks; so can a folder within another one. Asked of git itself.
 */
import type { Workspace } from "../tools/types";

/** Depth and number of submodules that are looked at. */
const MAX_DEPTH = 3;
const MAX_SUBMODULES = 20;
const TIMEOUT_MS = 3_000;

/**
 * Settings of a repository that git does not run, when it only reads. Missing on purpose: core.fsmonitor, diff.external,
 * diff.*.command, diff.*.textconv, filter.*, gpg.*, and those that let git fetch what is missing (promisor, partialClone).
 * core.hooksPath is there, since the one hook that reading can run is looked for.
 */
const HARMLESS = [
  String.raw`core\.(?:repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode|symlinks|autocrlf|eol|safecrlf|longpaths|untrackedcache|preloadindex|quotepath|abbrev|worktree|hookspath|sparsecheckout(?:cone)?|protecthfs|protectntfs|commentchar|whitespace|bigfilethreshold|compression|checkstat|trustctime|excludesfile|attributesfile|sshcommand|editor|multipackindex|commitgraph|sharedrepository|splitindex|warnambiguousrefs)`,
  String.raw`extensions\.(?:worktreeconfig|objectformat|refstorage|preciousobjects|noop)`,
  String.raw`remote\..*\.(?:url|pushurl|fetch|push|tagopt|prune|prunetags|mirror|skipfetchall|gh-resolved)`,
  String.raw`remote\.pushdefault`,
  String.raw`diff\..*\.(?:xfuncname|funcname|binary|wordregex)`,
  String.raw`grep\.(?:linenumber|column|patterntype|extendedregexp|threads|fullname)`,
  String.raw`submodule\.(?:active|.*\.(?:url|active|update|branch|ignore|fetchrecursesubmodules))`,
  String.raw`diff\.(?:algorithm|renames|renamelimit|colormoved|colormovedws|mnemonicprefix|noprefix|ignoresubmodules|wserrorhighlight|context|interhunkcontext|autorefreshindex|tool|guitool)`,
  String.raw`log\.(?:date|decorate|follow|abbrevcommit|mailmap|showroot)`,
  String.raw`(?:merge|rebase|pull|push|fetch|commit|tag|init|gc|maintenance|color|column|advice|status|blame|notes|i18n|stash|rerere|gui|user|author|committer|index|checkout|receive|transfer|apply|am)\.[a-z0-9]+`,
  String.raw`color\..*`,
  String.raw`(?:branch|lfs|http|https|credential|alias|url|include|includeif|vscode|github|gitlab|advice|versionsort|mailmap|gitflow|difftool|mergetool)\..*`,
].map((source) => new RegExp(`^(?:${source})$`, "is"));

/** One question to git: the work tree, the hook, the settings' names by where they are from, the submodules. */
const QUESTION = [
  "git rev-parse --show-toplevel",
  `{ test ! -e "$(git rev-parse --git-path hooks/post-index-change)" || echo hook; }`,
  "git config --list --name-only --show-scope",
  "echo end",
].join(" && ");
const SUBMODULES = `{ git ls-files --stage --full-name :/ || echo "160000 failed"; } | grep "^160000"`;

/**
 * @param folder real path of the folder that git would work in.
 * @param looksAtFiles the command compares with the files of the work tree: then git works in submodules too.
 * @returns why it may run something, as a clause without a full stop; undefined where it does not.
 */
export async function gitDoubt(
  workspace: Workspace,
  folder: string,
  looksAtFiles: boolean,
  signal: AbortSignal,
): Promise<string | undefined> {
  let left = MAX_SUBMODULES;
  const look = async (at: string, depth: number): Promise<string | undefined> => {
    if (depth > MAX_DEPTH || left < 0) return "the repository has more submodules than are looked at";
    left -= 1;
    const { output } = await workspace.run(`${QUESTION}${looksAtFiles ? ` && ${SUBMODULES}` : ""}`, {
      cwd: at,
      timeoutMs: TIMEOUT_MS,
      signal,
      onOutput: () => undefined,
    });
    const answer = read(output);
    if (typeof answer === "string") return answer;
    const top = await workspace.resolve(answer.top);
    if ("error" in top || !top.inside) return "the repository begins outside the workspace";
    for (const submodule of answer.submodules) {
      const place = `${answer.top}/${submodule}`;
      const entries = await workspace.list(place);
      if ("error" in entries || !entries.some(({ name }) => name === ".git")) continue;
      const doubt = await look(place, depth + 1);
      if (doubt !== undefined) return doubt;
    }
    return undefined;
  };
  return look(folder, 0);
}

function read(output: string): { readonly top: string; readonly submodules: readonly string[] } | string {
  const lines = output.split("\n");
  const end = lines.indexOf("end");
  const top = lines[0] ?? "";
  if (end < 1 || !top.startsWith("/")) return "git does not know this repository";
  const settings = lines.slice(1, end);
  if (settings[0] === "hook") return "the repository has a hook that git runs when it looks at files";
  for (const line of settings) {
    const [scope = "", ...name] = line.split("\t");
    const isKnown = /^(?:system|global|local|worktree|command)$/.test(scope) && name.length === 1;
    if (!isKnown) return "the settings of the repository can't be read";
    if (scope === "system" || scope === "global") continue;
    const setting = name[0] ?? "";
    if (!HARMLESS.some((harmless) => harmless.test(setting))) return `the repository sets ${setting}`;
  }
  const submodules = lines.slice(end + 1).filter((line) => line !== "");
  const names = submodules.map((line) => /^160000 [0-9a-f]+ \d\t([^"]+)$/.exec(line)?.[1]);
  if (names.includes(undefined)) return "the submodules of the repository can't be read";
  return { top, submodules: names.filter((name) => name !== undefined) };
}
