/** What a tool call would do, as the approvals decide on it. Real paths, absolute. */
export type Effect =
  | { readonly kind: "read"; readonly path: string; readonly inside: boolean }
  | {
      readonly kind: "write";
      readonly path: string;
      readonly inside: boolean;
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
    }
  /** A background command of the same tab. */
  | { readonly kind: "job"; readonly act: "read" | "stop"; readonly id: string };
