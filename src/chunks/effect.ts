/** What a tool call would do, as the approvals decide on it. Real paths, absolute. */
export type Effect =
  | {
      readonly kind: "read";
      readonly path: string;
      readonly inside: boolean;
      /** The path as it was written, absolute, where links lead elsewhere: rules that tighten count for it too. */
      readonly given?: string;
      /** Also everything below the folder. */
      readonly deep?: boolean;
    }
  | {
      readonly kind: "write";
      readonly path: string;
      readonly inside: boolean;
      /** As of `read`. */
      readonly given?: string;
      /** Configures the editor, git, CI, an agent or this extension: always asked, never for the whole tab. A sentence. */
      readonly guarded?: string;
    }
  | {
      readonly kind: "run";
      readonly command: string;
      readonly cwd: string;
      readonly inside: boolean;
      /** It goes on while the agent works, without a time limit. */
      readonly background?: boolean;
      /**
       * From a tool: `out` when the model asks for it. Once the mode of the tab is known: where it would run in the mode
       * Sandboxed auto; absent in every other.
       */
      readonly sandbox?: "in" | "out";
    }
  /** A background command of the same tab. */
  | { readonly kind: "job"; readonly act: "read" | "stop"; readonly id: string }
  | {
      readonly kind: "net";
      /** Where the request goes, whole: of a page its address, of a search that of the service. */
      readonly url: string;
      /** Lower case, in ASCII (punycode), with a port that is not the scheme's own. */
      readonly host: string;
      /** On this machine or in its own network, by the address or by what the name stands for now. */
      readonly private: boolean;
      /** What leaves the machine and what for, in one plain sentence. */
      readonly why: string;
    }
  /** Nothing happens outside the chat. */
  | { readonly kind: "none" };
