/** Programs that show files, folders and what is known of them. */
import { type Programs, usual } from "./program";

/** On BSD -I, -w and -T take no value: what follows is a folder there. */
const ls = usual({
  options: `-aAbBcCdfFgGhiklmnNopqQrRsStTuUvxXZ1 -I@ -w@ -T@ -L -H --all --almost-all --author --escape --ignore-backups
    --directory --file-type --classify? --full-time --no-group --group-directories-first --human-readable --si --inode
    --ignore: --hide: --kibibytes --literal --numeric-uid-gid --indicator-style: --hide-control-chars --show-control-chars
    --quote-name --quoting-style: --reverse --recursive --size --sort: --time: --time-style: --tabsize: --width:
    --block-size: --color? --format: --hyperlink? --zero --context --dereference --dereference-command-line`,
  follows: ["-L", "-H", "--dereference", "--dereference-command-line"],
});

const tree = usual({
  options: `-adfisghDpuFqNQrtcUvnCASJXx -L: -I: -P: --noreport --dirsfirst --filesfirst --du --prune --gitignore --filelimit:
    --charset: --matchdirs --ignore-case --si --inodes --device --sort: --timefmt: --nolinks --metafirst`,
  // It reads on in the letters behind one whose value is the next word: `-Po x y` writes y.
  form: /^(?:--.*|-[^LIP-]*(?:[LIP]|L\d+)?)$/,
});

const cat = usual({
  options: `-AbeEnstTuv --show-all --number-nonblank --show-ends --number --squeeze-blank --show-tabs --show-nonprinting`,
});

const part = usual({
  options: `-qvz -n: -c: -# --lines: --bytes: --quiet --silent --verbose --zero-terminated`,
});

const digest = usual({ options: `-btz -a: --binary --text --tag --zero --algorithm:` });

export const filePrograms: Programs = {
  ls,
  tree,
  cat,
  tac: usual({ options: `-br -s: --before --regex --separator:` }),
  head: part,
  tail: part,
  nl: usual({
    options: `-p -b: -d: -f: -h: -i: -l: -n: -s: -v: -w: --body-numbering: --number-format: --number-width: --number-separator:`,
  }),
  wc: usual({ options: `-clmwL --bytes --chars --lines --words --max-line-length --total:` }),
  file: usual({
    options: `-bhikLNrI0E -F: --brief --mime --mime-type --mime-encoding --keep-going --raw --dereference --no-dereference --extension`,
    follows: ["-L", "--dereference"],
  }),
  stat: usual({ options: `-ftLxs -c: --file-system --terse --dereference --format: --printf:`, follows: ["-L"] }),
  du: usual({
    options: `-hsaxckmbS0 -d: -t: --all --apparent-size --block-size: --bytes --total --human-readable --si --max-depth:
      --summarize --one-file-system --exclude: --threshold: --inodes --time? --separate-dirs --null`,
  }),
  df: usual({
    options: `-ahHiklmPT -t: -x: -B: --all --human-readable --si --inodes --local --portability --print-type --type: --exclude-type: --total --output?`,
  }),
  realpath: usual({
    options: `-emsqzLP --canonicalize-existing --canonicalize-missing --relative-to@ --relative-base@ --strip --no-symlinks --quiet --zero --logical --physical`,
  }),
  readlink: usual({
    options: `-femnvqsz --canonicalize --canonicalize-existing --canonicalize-missing --no-newline --quiet --silent --verbose --zero`,
  }),
  basename: usual({ options: `-az -s: --multiple --suffix: --zero`, texts: Number.POSITIVE_INFINITY }),
  dirname: usual({ options: `-z --zero`, texts: Number.POSITIVE_INFINITY }),
  cmp: usual({ options: `-bls -i: -n: --print-bytes --ignore-initial: --bytes: --verbose --quiet --silent`, max: 4 }),
  // Of folders it compares what their links lead to.
  diff: {
    judge: (args) => {
      const judged = diff.judge(args);
      return judged.reads
        ? { ...judged, paths: judged.paths.map((path) => ({ ...path, follows: true as const })) }
        : judged;
    },
  },
  od: usual({
    options: `-abcdfhilosvx -A: -j: -N: -S: -t: -w? --address-radix: --skip-bytes: --read-bytes: --format: --output-duplicates --width?`,
  }),
  hexdump: usual({ options: `-bcCdovx -e: -n: -s:` }),
  // A second operand would be written. Of several letters in a word it reads the first alone: in `-ps`, s has no value.
  xxd: usual({ options: `-abeEipu -c: -g: -l: -o: -s:`, form: /^-(?:[a-z]|[cglos]\d+)$/i, max: 1, inFront: true }),
  strings: usual({ options: `-afow -n: -t: -e: -# --all --print-file-name --bytes: --radix: --encoding:` }),
  md5sum: digest,
  sha1sum: digest,
  sha256sum: digest,
  sha512sum: digest,
  shasum: digest,
  cksum: digest,
};

const diff = usual({
  options: `-abBcdeEiNpqrstTuwyZ -C: -F: -I: -L: -U: -W: -x: --brief --report-identical-files --context? --unified? --ed --normal
    --side-by-side --width: --left-column --suppress-common-lines --show-c-function --show-function-line: --label:
    --expand-tabs --initial-tab --tabsize: --recursive --no-dereference --new-file --unidirectional-new-file
    --ignore-file-name-case --exclude: --starting-file: --ignore-case --ignore-tab-expansion --ignore-trailing-space
    --ignore-space-change --ignore-all-space --ignore-blank-lines --ignore-matching-lines: --text --strip-trailing-cr
    --minimal --horizon-lines: --speed-large-files --color? --palette:`,
  deep: "always",
  max: 2,
});
