/** Programs that search in files, and for files. */
import type { Word } from "../script";
import { type Judged, type PathUse, type Programs, refused, usual } from "./program";

/** The value of --context is optional on BSD: a word behind it is the pattern there. */
const grep = usual({
  options: `-abcEFGhHilLnoPqrsTUvVwxyzZIR -# -A: -B: -C: -d: -D: -e: -f@ -m: --extended-regexp --fixed-strings --basic-regexp
    --perl-regexp --regexp: --file@ --ignore-case --no-ignore-case --word-regexp --line-regexp --null-data --no-messages
    --invert-match --max-count: --byte-offset --line-number --line-buffered --with-filename --no-filename --label:
    --only-matching --quiet --silent --binary-files: --text --directories: --devices: --recursive --dereference-recursive
    --include: --exclude: --exclude-from@ --exclude-dir: --files-without-match --files-with-matches --count --initial-tab
    --null --before-context: --after-context: --context? --group-separator: --no-group-separator --color? --colour? --version`,
  texts: 1,
  unless: ["-e", "-f", "--regexp", "--file", "-V", "--version"],
  follows: ["-R", "--dereference-recursive"],
  deep: ["-r", "-R", "--recursive", "--dereference-recursive", "-d", "--directories"],
});

/** Not here: --pre, --hostname-bin and -z run programs; --follow is, with the links looked at. */
const rg = usual({
  options: `-abcFhHiIlLnNoPpqsSUuvVwx0. -A: -B: -C: -d: -e: -E: -f@ -g: -j: -m: -M: -r: -t: -T: --regexp: --file@ --after-context: --before-context:
    --context: --color: --colors: --column --no-column --count --count-matches --crlf --debug --no-config --dfa-size-limit:
    --encoding: --engine: --field-context-separator: --field-match-separator: --files --files-with-matches
    --files-without-match --fixed-strings --follow --glob: --glob-case-insensitive --heading --no-heading --help --hidden
    --no-hidden --iglob: --ignore-case --ignore-file@ --include-zero --invert-match --json --line-buffered --line-number
    --no-line-number --line-regexp --max-columns: --max-columns-preview --max-count: --max-depth: --max-filesize: --mmap
    --no-mmap --multiline --multiline-dotall --no-ignore --no-ignore-dot --no-ignore-exclude --no-ignore-files
    --no-ignore-global --no-ignore-messages --no-ignore-parent --no-ignore-vcs --no-messages --no-unicode --null
    --null-data --one-file-system --only-matching --passthru --pcre2 --pretty --quiet --regex-size-limit: --replace: --smart-case
    --case-sensitive --sort: --sortr: --stats --stop-on-nonmatch --text --threads: --trim --type: --type-add: --type-clear:
    --type-list --type-not: --unrestricted --version --vimgrep --with-filename --no-filename --word-regexp
    --context-separator: --no-context-separator --path-separator: --pcre2-version --binary --block-buffered --byte-offset`,
  texts: 1,
  unless: ["-e", "-f", "--regexp", "--file", "--files", "--type-list", "-V", "--version", "-h", "--help"],
  permutes: true,
  follows: ["-L", "--follow"],
  deep: "always",
});

/** Not here: -x and -X run programs, -l runs ls. */
const fd = usual({
  options: `-HIuisgFap0Vh1 -d: -t: -e: -E: -S: -c: -j: --hidden --no-ignore --no-ignore-vcs --unrestricted --case-sensitive --ignore-case --glob
    --fixed-strings --absolute-path --full-path --print0 --max-depth: --min-depth: --exact-depth: --type: --extension:
    --exclude: --size: --changed-within: --changed-before: --color: --max-results: --quiet --relative-path --version`,
  texts: 1,
  permutes: true,
});

export const searchPrograms: Programs = {
  grep,
  egrep: grep,
  fgrep: grep,
  rg,
  fd,
  fdfind: fd,
  find: { judge: judgeFind },
};

/** Not here: -exec, -execdir, -ok, -okdir run programs; -delete, -fprint*, -fls write; -files0-from reads names. */
const ALONE = new Set(
  `-a -and -o -or -not ! ( ) , -print -print0 -ls -prune -quit -true -false -empty -daystart -depth -d -mount -xdev -noleaf
    -readable -writable -executable -nouser -nogroup -warn -nowarn -ignore_readdir_race -noignore_readdir_race`.split(
    /\s+/,
  ),
);
const WITH_TEXT = new Set(
  `-name -iname -path -ipath -wholename -iwholename -regex -iregex -regextype -type -xtype -maxdepth -mindepth -size -mtime
    -mmin -atime -amin -ctime -cmin -used -newermt -newerct -newerat -perm -user -group -uid -gid -links -inum -lname -ilname -fstype
    -printf`.split(/\s+/),
);
const WITH_PATH = new Set(["-newer", "-anewer", "-cnewer", "-samefile"]);

function judgeFind(args: readonly Word[]): Judged {
  const paths: PathUse[] = [];
  let at = 0;
  let follows = false;
  for (; /^-[HLP]$/.test(args[at]?.value ?? ""); at += 1) follows = args[at]?.value !== "-P";
  for (let word = args[at]; word !== undefined && !/^[-(),!]/.test(word.value); word = args[at]) {
    paths.push(follows ? { ...word, follows } : word);
    at += 1;
  }
  if (follows && paths.length === 0) paths.push({ value: ".", follows });
  for (; at < args.length; at += 1) {
    const word = args[at];
    const name = word?.value ?? "";
    if (word?.glob !== undefined) return refused(`the pattern ${name}, which stands for any number of words`);
    if (ALONE.has(name)) continue;
    const value = args[at + 1];
    if (value === undefined || !(WITH_TEXT.has(name) || WITH_PATH.has(name))) return refused(`${name} of find`);
    if (value.glob !== undefined) return refused(`the pattern ${value.value} without quotes`);
    if (WITH_PATH.has(name)) paths.push(value);
    at += 1;
  }
  return { reads: true, paths };
}
