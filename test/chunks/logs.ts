/** Arbitrary logs: any chunk after any other, with few ids, so that calls, results and turns collide often. */
import fc from "fast-check";
import type { Chunk, Row } from "../../src/chunks/rows";

const word = fc.constantFrom("alpha", "beta", "gamma", "delta", "", " ");
const callId = fc.constantFrom("c1", "c2", "c3", "bad id", "");
const argumentsText = fc.constantFrom(`{"path":"a"}`, `{ "n": 1.0 }`, "", "{", "[1]", `"x"`, `{"b":1,"1":2}`);

export const anyChunk: fc.Arbitrary<Chunk> = fc.oneof(
  fc.record({
    role: fc.constant("user" as const),
    type: fc.constant("text" as const),
    data: fc.record({ text: word }),
  }),
  word.map((text): Chunk => ({ role: "user", type: "text", data: { text, origin: "context" } })),
  word.map((text): Chunk => ({ role: "assistant", type: "text", data: { text } })),
  fc
    .record({ text: word, signature: fc.constantFrom("", "s1", "s2") })
    .map((data): Chunk => ({ role: "assistant", type: "thinking", data })),
  fc.constant<Chunk>({ role: "assistant", type: "thinking", data: { text: "", signature: "", redacted: "r" } }),
  fc
    .record({ callId, name: fc.constantFrom("read_file", "run shell", ""), argumentsText })
    .map((data): Chunk => ({ role: "assistant", type: "tool_call", data })),
  fc
    .record({ callId, name: fc.constant("read_file"), text: word, isError: fc.boolean() })
    .map((data): Chunk => ({ role: "tool", type: "tool_result", data })),
  fc.constant<Chunk>({ role: "assistant", type: "error", data: { code: "e", message: "failed", retryable: false } }),
  fc.constant<Chunk>({ role: "system", type: "system", data: { kind: "notice", text: "note" } }),
);

export const anyLog = logs({ maxLength: 60 });

/** Every chunk opens, with some likelihood, a new step or a new turn. */
export function logs(length: {
  readonly minLength?: number;
  readonly maxLength: number;
}): fc.Arbitrary<readonly Row[]> {
  return fc
    .array(fc.tuple(anyChunk, fc.constantFrom("same", "same", "same", "step", "turn")), length)
    .map((entries) => {
      let [turn, step] = [1, 0];
      return entries.map(([chunk, move], index): Row => {
        if (move === "turn") [turn, step] = [turn + 1, 0];
        if (move === "step") step += 1;
        const seq = index + 1;
        return { ...chunk, id: `r${seq}`, tabId: "tab", seq, turnId: `t${turn}`, step, createdAt: seq };
      });
    });
}
