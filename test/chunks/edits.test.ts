import assert from "node:assert/strict";
import { changedFiles, foldEdits, noEdits } from "../../src/chunks/edits";
import type { Chunk, Row, ToolResult } from "../../src/chunks/rows";

const rows = (...chunks: readonly (Chunk & { readonly turnId: string })[]): readonly Row[] =>
  chunks.map((chunk, i) => ({ ...chunk, id: `r${i}`, tabId: "t", seq: i + 1, step: 1, createdAt: 0 }));
const edited = (turnId: string, callId: string, more: Partial<ToolResult>) => ({
  ...({ role: "tool", type: "tool_result", turnId } as const),
  data: { callId, name: "edit_file", text: "Wrote it.", isError: false, ...more },
});
const undo = (kind: "undone" | "redone", ...calls: readonly string[]) => ({
  ...({ role: "system", type: "system", turnId: "u2" } as const),
  data: { kind, text: "", calls },
});
const file = (path: string, added: number, removed: number) => ({ path, before: "b", after: "a", added, removed });

describe("the edits of a tab", () => {
  const log = rows(
    edited("u1", "c1", { edit: file("a.ts", 3, 1) }),
    edited("u1", "c2", { edit: { ...file("b.ts", 9, 0), created: true } }),
    edited("u1", "c3", { edit: file("a.ts", 1, 1) }),
    edited("u2", "c4", { edit: file("a.ts", 5, 0) }),
    edited("u2", "c5", { summary: "+4 −2", text: "Created old.ts", edit: { path: "old.ts", before: "b", after: "a" } }),
    edited("u2", "c6", { isError: true }),
    undo("undone", "c1", "c2", "nobody"),
    undo("redone", "c2"),
  );

  it("are files by turn, with what was undone and not redone since; logs of older versions say it in words", () => {
    const edits = foldEdits(noEdits, log);
    assert.deepEqual(
      [changedFiles(edits, "u1"), changedFiles(edits, "u2"), changedFiles(edits, "u3")],
      [
        [
          { path: "a.ts", added: 4, removed: 2, calls: ["c1", "c3"], undone: ["c1"] },
          { path: "b.ts", created: true, added: 9, removed: 0, calls: ["c2"], undone: [] },
        ],
        [
          { path: "a.ts", added: 5, removed: 0, calls: ["c4"], undone: [] },
          { path: "old.ts", created: true, added: 4, removed: 2, calls: ["c5"], undone: [] },
        ],
        [],
      ],
    );
  });

  it("are the same, row by row or at once, and the same object when nothing is new", () => {
    const edits = foldEdits(noEdits, log);
    assert.deepEqual(
      log.reduce((before, row) => foldEdits(before, [row]), noEdits),
      edits,
    );
    assert.equal(foldEdits(edits, rows(edited("u9", "c9", {}))), edits);
  });
});
