/** Edits and what becomes of them, to be looked at by eye. */
import type { ToView } from "../../../src/chunks/protocol";
import * as b from "./build";

export const LONG_PATH =
  "packages/transcontinental-telemetry-aggregation/src/internal/adapters/legacy/compatibility/extraordinarily-long-file-name-for-testing.spec.ts";

const edits: readonly ToView[] = [
  b.snapshot({
    specs: [
      b.user("Make the start lazy"),
      b.call("e1", "edit_file", {
        path: "src/engine.ts",
        edits: [
          {
            old_text: "  const all = [];\n  for (const name of engine.plugins) load(name);\n  return engine;",
            new_text:
              "  const all = [];\n  // Plug-ins load on first use.\n  engine.plugin = (name: string) => load(name, { lazy: true, reason: 'first use of this plug-in' });\n  return engine;",
          },
          { old_text: "export const end = 1;", new_text: "export const end = 2;" },
        ],
      }),
      b.result("e1", "edit_file", "Wrote src/engine.ts (+3 −2 lines).", {
        summary: "+3 −2",
        edit: { path: "src/engine.ts", before: "b", after: "a", added: 3, removed: 2 },
      }),
      b.call("e2", "write_file", {
        path: LONG_PATH,
        content: Array.from({ length: 30 }, (_, i) => `line ${i + 1}`).join("\n"),
      }),
      b.result("e2", "write_file", "Created it", {
        summary: "+30 −0",
        edit: { path: LONG_PATH, before: "b", after: "a", added: 30, removed: 0, created: true },
      }),
      b.call("e3", "edit_file", { path: "docs/notes.md", edits: [{ old_text: "a", new_text: "b" }] }),
      b.result("e3", "edit_file", "Wrote docs/notes.md (+1 −1 lines).", {
        summary: "+1 −1",
        edit: { path: "docs/notes.md", before: "b", after: "a", added: 1, removed: 1 },
      }),
      b.said("Plug-ins load on first use now.", 2),
      {
        role: "system",
        type: "system",
        data: { kind: "undone", text: "Undone: docs/notes.md (what was changed since is kept).", calls: ["e3"] },
      },
    ],
    turns: [
      b.turnSummary({
        files: [
          { path: "src/engine.ts", added: 3, removed: 2, calls: ["e1"], undone: [] },
          { path: LONG_PATH, created: true, added: 30, removed: 0, calls: ["e2"], undone: [] },
          { path: "docs/notes.md", added: 1, removed: 1, calls: ["e3"], undone: ["e3"] },
        ],
      }),
    ],
  }),
];

export const editScenes: Readonly<Record<string, readonly ToView[]>> = {
  edits,
  "edits-elsewhere": [
    ...edits,
    {
      type: "setup",
      setup: {
        ...b.setup,
        noUndo: "Only the window that writes the chats can undo or redo their edits.",
        banners: [
          {
            ...{ id: "store:reader", severity: "warning" },
            message: "Another window of this folder (process 12 on desk) writes; this one follows it.",
          },
        ],
      },
    },
  ],
};
