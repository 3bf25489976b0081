/** What is known of a command line before it is decided. Worked out by the agent, since its paths are looked up on disk. */

export type SimpleCommand = {
  /** The words as the program gets them: unquoted, nothing left to expand. Never empty. */
  readonly argv: readonly string[];
  /** The table knows that it only reads. */
  readonly reads: boolean;
  /** In words for a person: what it does. */
  readonly words: string;
  /** It shows what is in files that it finds by itself, and that are not among the paths. */
  readonly deep?: true;
};

/** A path among the words of a command. */
export type CommandPath = {
  /** As it stands in the command. */
  readonly given: string;
  /** Real and absolute. */
  readonly path: string;
  readonly inside: boolean;
  /** Why its change is always asked, in a sentence. */
  readonly guarded?: string;
  /**
   * It is neither a file nor a folder (a pipe, a socket, a device), or can't be looked at, or such a thing is below it where
   * links are followed: reading it may never end.
   */
  readonly special?: true;
};

export type CommandFacts =
  /** Parsed by the strict grammar: these commands and no others run. At least one. */
  | { readonly kind: "known"; readonly commands: readonly SimpleCommand[]; readonly paths: readonly CommandPath[] }
  /** What would run can't be told for certain. `why` is a sentence. */
  | { readonly kind: "unknown"; readonly why: string };
