/** The questions that views show, and their answers. Part of the panel's protocol (protocol.ts). */

export type DiffLine = {
  readonly kind: "same" | "add" | "remove" | "gap";
  /** 1-based; of the new text for `same` and `add`, of the old one for `remove`. */
  readonly line: number;
  readonly text: string;
};

export type Subject =
  | { readonly kind: "command"; readonly command: string; readonly cwd: string; readonly background?: boolean }
  | { readonly kind: "job"; readonly act: "read" | "stop"; readonly id: string }
  | {
      readonly kind: "edit";
      readonly path: string;
      readonly isNew: boolean;
      readonly added: number;
      readonly removed: number;
      readonly diff: readonly DiffLine[];
      /** The file has unsaved changes in the editor: the edit is made there, and stays unsaved. */
      readonly unsaved?: true;
    }
  | { readonly kind: "path"; readonly path: string; readonly verb: "read" | "list" | "search" }
  | {
      readonly kind: "net";
      readonly act: "page" | "captions" | "search";
      /** What goes out: the address of the page, the words of the search. */
      readonly text: string;
      readonly host: string;
    }
  /** Of calls that do nothing outside the chat: never asked. */
  | { readonly kind: "none" };

/** A question that is waiting for a person. `id` binds the answer to the frozen arguments; it is used once. */
export type ApprovalCard = {
  readonly id: string;
  readonly tab: string;
  readonly callId: string;
  readonly tool: string;
  /** In words: `Run this command?` */
  readonly title: string;
  readonly subject: Subject;
  /** What is risky, in one line. */
  readonly risk: string;
  /** What *Allow in this tab* would allow, in words. Absent: the choice is not offered. */
  readonly tabScope?: string;
  /** What *Always allow …* offers, the narrowest rule first. Absent: the choice is not offered. */
  readonly always?: readonly AlwaysChoice[];
};

/** A rule that is not saved yet. */
export type AlwaysChoice = {
  readonly id: string;
  /** What stands in the rule: a command, the beginning of one, a path, a host. */
  readonly matches: string;
  /** In words, exactly what the rule would allow, and when it ends to. */
  readonly words: string;
  /** Where it would be saved, as a sentence. */
  readonly place: string;
};

export type ApprovalAnswer =
  | { readonly kind: "allow_once" }
  | { readonly kind: "allow_tab" }
  /** Saves the rule of this choice, and allows the call. */
  | { readonly kind: "allow_always"; readonly choice: string }
  | { readonly kind: "deny"; readonly reason?: string };
