/**
 * git, by subcommand. What git reads can make it run programs: whether the repository at hand does is looked at where the
 * command would run (src/agent/git-check.ts). Here is what the options can do. Not in the lists: options that write
 * (--output), run programs (--ext-diff, --textconv, -O, --show-signature, -c, --exec-path), go to other repositories
 * (--git-dir, --no-index, --submodule, --recurse-submodules), or follow files that name others; and whatchanged, which
 * newer versions let an alias of the repository replace.
 */
import { type GivenOption, type OptionList, readOptions, type Value } from "../options";
import type { Word } from "../script";
import { type GitUse, type Judge, type Judged, refused } from "./program";

const DIFF: OptionList = `-pusRabwWrtBz -# -U? -M? -C? -D -l: -S: -G: -I: -X? --patch --no-patch --unified? --raw --patch-with-raw --patch-with-stat
  --indent-heuristic --no-indent-heuristic --minimal --patience --histogram --anchored: --diff-algorithm: --stat? --stat-width: --stat-name-width: --stat-count:
  --compact-summary --numstat --shortstat --dirstat? --cumulative --summary --name-only --name-status --color? --no-color
  --color-moved? --no-color-moved --color-moved-ws: --word-diff? --word-diff-regex: --color-words? --no-renames --renames
  --rename-empty --no-rename-empty --check --ws-error-highlight: --full-index --binary --abbrev? --no-abbrev --break-rewrites? --find-renames?
  --find-copies? --find-copies-harder --diff-filter: --find-object: --pickaxe-all --pickaxe-regex --skip-to: --rotate-to:
  --relative? --no-relative --text --ignore-cr-at-eol --ignore-space-at-eol --ignore-space-change --ignore-all-space
  --ignore-blank-lines --ignore-matching-lines: --inter-hunk-context: --function-context --exit-code --quiet
  --no-ext-diff --no-textconv --ignore-submodules? --src-prefix: --dst-prefix: --no-prefix --default-prefix --line-prefix: --irreversible-delete`;

const COMMITS: OptionList = `-n: -# -i -E -F -P -g -m -c -q -L: --max-count: --skip: --since: --after: --until: --before: --author: --committer:
  --grep: --grep-reflog: --all-match --invert-grep --regexp-ignore-case --basic-regexp --extended-regexp --fixed-strings --perl-regexp
  --remove-empty --merges --no-merges --min-parents: --max-parents: --first-parent --exclude-first-parent-only --not --all --branches? --tags?
  --remotes? --glob: --exclude: --reflog --cherry-mark --cherry-pick --cherry --left-only --right-only --walk-reflogs --merge
  --boundary --simplify-by-decoration --show-pulls --full-history --dense --sparse --simplify-merges --ancestry-path?
  --date-order --author-date-order --topo-order --reverse --no-walk? --do-walk --pretty? --format: --oneline --abbrev-commit
  --no-abbrev-commit --encoding: --expand-tabs? --no-expand-tabs --notes? --no-notes --relative-date --date: --parents --children --left-right --graph --no-graph
  --cc --diff-merges: --no-diff-merges --combined-all-paths --follow --decorate? --no-decorate --decorate-refs: --decorate-refs-exclude: --clear-decorations
  --source --mailmap --use-mailmap --no-mailmap --full-diff --log-size --count --show-linear-break? --no-show-signature`;

const LISTED: OptionList = `-i --list --contains? --no-contains? --merged? --no-merged? --points-at: --sort: --format: --column? --no-column --color? --no-color
  --ignore-case --omit-empty`;

type Subcommand = {
  readonly options: OptionList;
  /** It compares with the files of the work tree. */
  readonly looksAtFiles?: true;
  /** It can show what is in files. */
  readonly shows?: true;
  readonly refuse?: (
    options: readonly GivenOption[],
    operands: readonly Word[],
    args: readonly Word[],
  ) => string | undefined;
};

const has = (options: readonly GivenOption[], ...names: readonly string[]) =>
  options.some(({ name }) => names.includes(name));

/** Without these an operand is the name of what is made. */
const onlyListed = (options: readonly GivenOption[], operands: readonly Word[]) =>
  operands.length === 0 ||
  has(options, "--list", "--contains", "--no-contains", "--merged", "--no-merged", "--points-at")
    ? undefined
    : "a name without --list";

const noOperands = (_options: readonly GivenOption[], operands: readonly Word[]) =>
  operands.length === 0 ? undefined : `the operand ${operands[0]?.value}`;

/** It begins with one of these words: behind an option `git stash` would take it for a file. */
const beginsWith =
  (...allowed: readonly string[]) =>
  (_options: readonly GivenOption[], _operands: readonly Word[], args: readonly Word[]) =>
    allowed.includes(args[0]?.value ?? "") ? undefined : `${args[0]?.value ?? "nothing"} behind it`;

const isShown = (options: readonly GivenOption[], operands: readonly Word[], args: readonly Word[]) =>
  operands.length === 0 ? undefined : beginsWith("show")(options, operands, args);

const CONFIG_KEY =
  /^(?:user\.(?:name|email)|core\.\w+|init\.\w+|pull\.\w+|push\.\w+|branch\.[\w./-]+\.\w+|remote\.[\w./-]+\.(?:url|fetch))$/i;

const subcommands: Readonly<Record<string, Subcommand>> = {
  status: {
    options: `-sbvz -M? -u? --short --branch --show-stash --porcelain? --long --verbose --untracked-files? --ignore-submodules? --ignored?
      --column? --no-column --ahead-behind --no-ahead-behind --renames --no-renames --find-renames? --null`,
    looksAtFiles: true,
  },
  log: { options: `${DIFF} ${COMMITS}`, shows: true },
  show: { options: `${DIFF} ${COMMITS}`, shows: true },
  diff: {
    options: `${DIFF} -c -q --cached --staged --merge-base --base --ours --theirs --cc`,
    looksAtFiles: true,
    shows: true,
  },
  "diff-tree": {
    shows: true,
    options: `${DIFF} -c -m --cc --root --no-commit-id --always --pretty? --format: --merge-base`,
  },
  "rev-list": { options: `${COMMITS} --objects --disk-usage? --no-object-names --timestamp --header` },
  shortlog: { options: `${COMMITS} -nsec -w? --numbered --summary --email --group:` },
  reflog: { shows: true, options: `${DIFF} ${COMMITS}`, refuse: isShown },
  blame: {
    shows: true,
    options: `-belpstwfnc -L: -M? -C? --root --show-stats --reverse --first-parent --porcelain --line-porcelain --incremental
      --encoding: --date: --show-name --show-number --show-email --score-debug --abbrev: --ignore-rev: --ignore-revs-file@ --since:
      --color-lines --color-by-age --minimal`,
  },
  branch: {
    options: `-avrq ${LISTED} --all --remotes --verbose --show-current --abbrev? --no-abbrev`,
    refuse: onlyListed,
  },
  tag: {
    options: `-l -n? ${LISTED}`,
    refuse: (options, operands) => (has(options, "-l") ? undefined : onlyListed(options, operands)),
  },
  "for-each-ref": { options: `${LISTED} --count: --exclude: --include-root-refs` },
  "show-ref": {
    options: `-hds -q --head --heads --tags --branches --dereference --hash? --abbrev? --verify --quiet --exists`,
  },
  "ls-files": {
    options: `-cdmoistuvzkf -x: -X@ --cached --deleted --modified --others --ignored --stage --unmerged --killed --directory
      --no-empty-directory --eol --deduplicate --exclude: --exclude-from@ --exclude-per-directory: --exclude-standard --error-unmatch
      --with-tree: --full-name --abbrev? --debug --sparse --format:`,
  },
  "ls-tree": {
    options: `-drtlz --name-only --name-status --object-only --long --full-name --full-tree --abbrev? --format:`,
  },
  "cat-file": {
    shows: true,
    options: `-tsep`,
    refuse: (options, operands) =>
      options.length === 1 || (options.length === 0 && operands.length === 2)
        ? undefined
        : "no option that says what to show",
  },
  "rev-parse": {
    options: `-q --verify --quiet --short? --abbrev-ref? --symbolic --symbolic-full-name --show-toplevel --show-prefix --show-cdup --git-dir
      --absolute-git-dir --git-common-dir --is-inside-work-tree --is-inside-git-dir --is-bare-repository --is-shallow-repository
      --show-superproject-working-tree --show-object-format? --all --branches? --tags? --remotes? --revs-only --no-revs --flags --no-flags --default: --git-path:`,
  },
  "name-rev": { options: `--tags --refs: --name-only --no-undefined --always --all` },
  describe: {
    options: `--all --tags --contains --abbrev: --candidates: --exact-match --debug --long --match: --exclude: --always --first-parent`,
  },
  "merge-base": { options: `-a --all --octopus --independent --is-ancestor --fork-point` },
  cherry: { options: `-v --abbrev?` },
  "count-objects": { options: `-vH --verbose --human-readable` },
  grep: {
    shows: true,
    options: `-vivwaEGFPnlLhHczopqWr -# -A: -B: -C: -e: -f@ -m: --cached --untracked --no-exclude-standard --exclude-standard --text --ignore-case -I
      --max-depth: --recursive --no-recursive --word-regexp --invert-match --full-name --extended-regexp --basic-regexp --fixed-strings
      --perl-regexp --line-number --column --files-with-matches --name-only --files-without-match --null --only-matching --count
      --color? --no-color --break --heading --show-function --context: --after-context: --before-context: --function-context --max-count: --threads:
      --and --or --not --all-match --quiet`,
  },
  "check-ignore": { options: `-qvzn --quiet --verbose --non-matching --no-index` },
  "check-attr": { options: `-az --all --cached` },
  stash: {
    shows: true,
    options: `${DIFF} ${COMMITS} --include-untracked --only-untracked`,
    refuse: beginsWith("list", "show"),
  },
  worktree: { options: `-vz --verbose --porcelain`, refuse: beginsWith("list") },
  remote: {
    options: `-v --verbose --all --push`,
    refuse: (options, operands) => (operands[0]?.value === "get-url" ? undefined : noOperands(options, operands)),
  },
  config: {
    options: `--get --get-all --local`,
    refuse: (options, operands) => {
      const key = operands[0]?.value ?? "";
      const isOne = operands.length === 1 && key.length < 200 && CONFIG_KEY.test(key);
      return isOne && (has(options, "--get", "--get-all") || options.length === 0)
        ? undefined
        : "more than one setting's value";
    },
  },
  version: { options: `--build-options`, refuse: noOperands },
};

/** Between `git` and its subcommand. */
const GLOBAL: OptionList = `-P --no-pager --no-optional-locks --literal-pathspecs --glob-pathspecs --noglob-pathspecs --icase-pathspecs --no-replace-objects`;

export const judgeGit: Judge = (args) => {
  let at = 0;
  let folder: Value | undefined;
  for (; args[at]?.value.startsWith("-"); at += 1) {
    const word = args[at];
    if (word === undefined) break;
    if (/^(?:--version|-v)$/.test(word.value) && args.length === at + 1) return { reads: true, paths: [] };
    if (word.value === "-C" && folder === undefined) {
      at += 1;
      folder = args[at];
      if (folder === undefined || folder.glob !== undefined || folder.value === "") return refused("-C of git");
    } else if ("unknown" in readOptions([word], GLOBAL)) return refused(`the option ${word.value} of git`);
  }
  const name = args[at]?.value ?? "";
  const subcommand = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  if (subcommand === undefined) return refused(name === "" ? "git without a subcommand" : `git ${name}`);
  const judged = judgeSubcommand(subcommand, name, args.slice(at + 1));
  if (!judged.reads) return judged;
  const git: GitUse = { looksAtFiles: subcommand.looksAtFiles === true, ...(folder === undefined ? {} : { folder }) };
  return { ...judged, git, ...(subcommand.shows === true ? { deep: true } : {}) };
};

function judgeSubcommand(subcommand: Subcommand, name: string, args: readonly Word[]): Judged {
  const read = readOptions(args, subcommand.options);
  if ("unknown" in read) return refused(`the option ${read.unknown} of git ${name}`);
  const { options, operands } = read;
  const why = subcommand.refuse?.(options, operands, args);
  if (why !== undefined) return refused(`git ${name} with ${why}`);
  const signed = options.find(
    ({ name, value }) => /format|pretty|sort/.test(name) && /%G|signature/.test(value?.value ?? ""),
  );
  if (signed !== undefined) return refused("a format that checks signatures, which runs gpg");
  const isGrep = name === "grep" && !has(options, "-e", "-f");
  const values = options.flatMap(({ kind, value }) => (kind === "path" && value !== undefined ? [value] : []));
  const paths = [...(isGrep ? operands.slice(1) : operands), ...values];
  if (isGrep && operands[0]?.glob !== undefined) return refused("a pattern without quotes");
  return { reads: true, paths: paths.map((path) => ({ ...path, revision: true as const })) };
}
