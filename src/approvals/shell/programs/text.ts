/** Programs that pass text through, and the ones whose arguments are programs of their own: sed, awk, jq. */
import type { Word } from "../script";
import { type Judged, judgeUsual, type Programs, usual } from "./program";

export const textPrograms: Programs = {
  sort: usual({
    options: `-bcCdfghiMmnRrsuVz -k: -S: -t: --ignore-leading-blanks --dictionary-order --ignore-case --general-numeric-sort
      --ignore-nonprinting --month-sort --human-numeric-sort --numeric-sort --random-sort --reverse --sort: --version-sort
      --batch-size: --check? --debug --key: --merge --stable --buffer-size: --field-separator: --parallel: --unique --zero-terminated`,
  }),
  // A second operand would be written.
  uniq: usual({
    options: `-cdDiuz -f: -s: -w: --count --repeated --all-repeated? --skip-fields: --group? --ignore-case --skip-chars: --unique --zero-terminated --check-chars:`,
    max: 1,
    inFront: true,
  }),
  cut: usual({
    options: `-nsz -b: -c: -d: -f: --bytes: --characters: --delimiter: --fields: --complement --only-delimited --output-delimiter: --zero-terminated`,
  }),
  tr: usual({
    options: `-cCdst --complement --delete --squeeze-repeats --truncate-set1`,
    texts: Number.POSITIVE_INFINITY,
  }),
  comm: usual({
    options: `-123iz --check-order --nocheck-order --output-delimiter: --total --zero-terminated`,
    max: 2,
  }),
  paste: usual({ options: `-sz -d: --delimiters: --serial --zero-terminated` }),
  fold: usual({ options: `-bs -w: --bytes --spaces --width:` }),
  column: usual({ options: `-txneLJ -s: -o: -c: -N: -R: -H: -O: -T: -W: --table --separator: --output-separator:` }),
  rev: usual({ options: `` }),
  expand: usual({ options: `-i -t: --initial --tabs:` }),
  unexpand: usual({ options: `-a -t: --all --first-only --tabs:` }),
  seq: usual({
    options: `-w -f: -s: --equal-width --format: --separator:`,
    texts: Number.POSITIVE_INFINITY,
    only: /^\d+(?:\.\d+)?$/,
  }),
  sed: { judge: (args) => judgeUsual(sed, args) },
  awk: { judge: (args) => judgeUsual(awk, args) },
  jq: { judge: judgeJq },
};

const sed = {
  options: `-nErsuz -e: --quiet --silent --regexp-extended --separate --unbuffered --null-data --expression: --posix --sandbox`,
  texts: 1,
  unless: ["-e", "--expression"],
  refuse: (options: readonly { name: string; value?: { value: string } }[], operands: readonly Word[]) => {
    const given = options.filter(({ name }) => name === "-e" || name === "--expression");
    const scripts = given.length > 0 ? given.map(({ value }) => value?.value ?? "") : [operands[0]?.value ?? ""];
    const wrong = scripts.find((script) => !isReadingSed(script));
    return wrong === undefined ? undefined : `the sed script ${wrong.slice(0, 80)}`;
  },
} as const;

/** Longer scripts are not looked at: the expressions below would take long over some. */
const MAX_SCRIPT = 500;

const SED_ADDRESS = String.raw`(?:\d+(?:~\d+)?|\$|/[^/\\\n[]*(?:\\[^\n][^/\\\n[]*)*/I?)`;
/** Prints, deletes or ends at lines. */
const SED_LINES = new RegExp(String.raw`^(?:${SED_ADDRESS}(?:,(?:\+?\d+|${SED_ADDRESS}))?)?\s*!?\s*[pdq=]$`);
/** Replaces, with flags that neither write (`w`) nor run (`e`). The delimiter stands nowhere but in its three places. */
const SED_REPLACE = new RegExp(
  String.raw`^(?:${SED_ADDRESS}(?:,(?:\+?\d+|${SED_ADDRESS}))?)?s([/|#,@!])(?:(?!\1)[^\n])*\1(?:(?!\1)[^\n])*\1[gpI0-9]*$`,
);

function isReadingSed(script: string): boolean {
  if (script.length > MAX_SCRIPT) return false;
  if (SED_REPLACE.test(script)) return true;
  return script.split(";").every((part) => SED_LINES.test(part.trim()) || SED_REPLACE.test(part.trim()));
}

const awk = {
  options: `-F:`,
  texts: 1,
  refuse: (_options: unknown, operands: readonly Word[]) => {
    const script = operands[0]?.value ?? "";
    const reads = script.length <= MAX_SCRIPT && READING_AWK.test(script);
    return reads ? undefined : `the awk script ${script.slice(0, 80)}`;
  },
} as const;

/** Prints fields or lines: no redirection, no function, no pipe. */
const AWK_FIELD = String.raw`(?:\$(?:\d+|NF)|NR|NF|FILENAME|"[^"\\\n]*")`;
const AWK_TEST = String.raw`(?:NR|NF|FNR|\$\d+)\s*(?:==|!=|>=|<=|>|<)\s*(?:\d+|"[^"\\\n]*")`;
const READING_AWK = new RegExp(
  String.raw`^\s*(?:${AWK_TEST}(?:\s*(?:&&|\|\||,)\s*${AWK_TEST})*|/[^/\\\n]*/)?\s*(?:\{\s*print(?:\s+${AWK_FIELD}(?:\s*,?\s*${AWK_FIELD})*)?\s*;?\s*\})?\s*$`,
);

function judgeJq(args: readonly Word[]): Judged {
  return judgeUsual(
    {
      options: `-acCejMnrRsS --ascii-output --compact-output --color-output --monochrome-output --exit-status --join-output
        --null-input --raw-output --raw-input --slurp --sort-keys --tab --indent: --seq --stream`,
      texts: 1,
      permutes: true,
      // A word that names the environment, a module or another file; variables, of which $ENV is one.
      refuse: (_options, operands) => {
        const filter = operands[0]?.value ?? "";
        return /\$|\b(?:env|import|include|modulemeta|get_search_list|input_filename)\b/.test(filter)
          ? `the jq filter ${filter}`
          : undefined;
      },
    },
    args,
  );
}
