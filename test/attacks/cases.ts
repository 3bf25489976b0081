/** The corpus: what the JSON files beside this one may say. Each entry is an attack and how it must end. */
import { execFileSync } from "node:child_process";
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import type { Mode, Rule } from "../../src/approvals/policy";

type Attack = {
  /** The known attack, and which of its forms: `B7.3`. */
  readonly id: string;
  /** What is tried, in words. */
  readonly attack: string;
};

export type Args = Readonly<Record<string, unknown>>;

/** By path: a text, or something else in its place. */
export type Files = Readonly<Record<string, string | Special>>;

type Special =
  | { readonly link: string }
  | { readonly hardLink: string }
  | { readonly fifo: true }
  /** So many bytes, all of them holes. */
  | { readonly size: number }
  | { readonly folder: true };

/** One call and how it is decided (attacks.test.ts). In its texts, `{root}` is the workspace folder and `{outer}` the folder that it is in. */
export type CallCase = Attack & {
  readonly tool: string;
  readonly args: Args;
  readonly mode?: Mode;
  readonly rules?: readonly Rule[];
  /** Made before, by path below `{outer}` (the workspace is `workspace`). */
  readonly files?: Files;
  /** The same call was asked before, and answered with the narrowest *Always allow …*. */
  readonly alwaysAllowed?: true;
  /** Put in the place of what is there: before the call that is then decided anew, or else before it runs. */
  readonly then?: Files;
  /** What is in files afterwards. */
  readonly keeps?: Readonly<Record<string, string>>;
  /** What a card must show, among other things. */
  readonly shows?: readonly string[];
  /** `refuse`: the model gets an error, and nobody is asked. `fails`: nobody is asked, and running it gives an error. */
  readonly expect: "deny" | "ask" | "allow" | "refuse" | "fails";
};

/** What is done while calls are asked, in a whole session (answers.test.ts). Questions are counted from 1, in the order in which they came. */
export type Act =
  | { readonly do: "see"; readonly question: number }
  | {
      readonly do: "answer";
      readonly question: number;
      readonly kind: "allow_once" | "deny";
      /** Absent: from the view and for the tab that show it. */
      readonly from?: "other view" | "other tab" | "no tab";
    }
  /** A message that no button of the page sends. `{tab}` and `{id}` stand for what the question in front has. */
  | { readonly do: "forge"; readonly message: Args }
  | { readonly do: "stop" }
  | { readonly do: "reload" }
  /** Of the host: what was asked is not asked any more. */
  | { readonly do: "restart" }
  /** `go`: the model makes its calls again. `stay`: it makes none. */
  | { readonly do: "send"; readonly text: "go" | "stay" }
  /** Waits for the end of the turn. */
  | { readonly do: "end" }
  | { readonly do: "put"; readonly file: string; readonly text: string };

export type AnswerCase = Attack & {
  /** What the model calls, one after the other, when it is told to. It has been at the beginning. */
  readonly calls: readonly { readonly tool: string; readonly args: Args }[];
  readonly acts: readonly Act[];
  /** So many questions there were in all, and what files of the workspace hold in the end; null: there is none. */
  readonly questions: number;
  readonly files: Readonly<Record<string, string | null>>;
};

/** An attack that no such entry can try: the test that does, by its title; or why there is nothing to attack. */
export type OtherCase = Attack & ({ readonly test: string; readonly title: string } | { readonly nothing: string });

const FOLDER = path.join("test", "attacks");

/** Each file of the corpus, by its name without the ending. */
export function corpus(): readonly {
  readonly name: string;
  readonly cases: readonly (CallCase | AnswerCase | OtherCase)[];
}[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".json"))
    .map((file) => ({
      name: path.basename(file, ".json"),
      cases: JSON.parse(readFileSync(path.join(FOLDER, file), "utf8")),
    }));
}

/** Makes them below the folder, in the place of what is there. */
export function put(outer: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    const target = path.join(outer, name);
    if (!(typeof content === "object" && "folder" in content)) rmSync(target, { recursive: true, force: true });
    mkdirSync(path.dirname(target), { recursive: true });
    if (typeof content === "string") writeFileSync(target, content);
    else if ("link" in content) symlinkSync(content.link.replaceAll("{outer}", outer), target);
    else if ("hardLink" in content) linkSync(path.join(outer, content.hardLink), target);
    else if ("size" in content) {
      writeFileSync(target, "");
      truncateSync(target, content.size);
    } else if ("fifo" in content) execFileSync("mkfifo", [target]);
    else mkdirSync(target, { recursive: true });
  }
}
