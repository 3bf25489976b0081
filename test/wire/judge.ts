/** What must hold of any request body. The simulator's checks are the judge; some rules of the real API are added. */
import assert from "node:assert/strict";
import { CACHE_MARK } from "../../src/wire/prompt";
import { layOut } from "../simulator/segments";
import { type Fields, isFields, listOf, textOf } from "../simulator/types";
import { checkTools, checkTopLevel } from "../simulator/validate";
import { checkMarkers, checkMessages } from "../simulator/validate-messages";

export const head = `"model":"claude-sonnet-5-5","max_tokens":32000,"stream":true`;

/** The body's messages, after every check was passed. */
export function judged(body: string, paused = false): readonly Fields[] {
  const value: unknown = JSON.parse(body);
  assert.ok(isFields(value));
  const problems = [
    ...checkTopLevel(value, "messages", "2026-10-21"),
    ...checkTools(value),
    ...checkMessages(value, () => paused),
    ...checkMarkers(layOut(Buffer.from(body), value)),
  ];
  assert.deepEqual(problems, []);
  const messages = listOf(value.messages).filter(isFields);
  for (const [index, message] of messages.entries()) {
    assert.equal(message.role, index % 2 === 0 ? "user" : "assistant", "roles alternate");
    const blocks = listOf(message.content).filter(isFields);
    if (message.role === "assistant") assert.doesNotMatch(textOf(blocks.at(-1)?.type), /thinking/);
    for (const block of blocks) judgeBlock(block);
  }
  if (!paused) assert.equal(messages.at(-1)?.role, "user");
  return messages;
}

function judgeBlock(block: Fields): void {
  if (block.type === "text") assert.notEqual(textOf(block.text).trim(), "", "text is not blank");
  if (block.type === "thinking") assert.notEqual(block.signature, "");
  if (block.is_error === true) assert.notEqual(textOf(block.content), "", "an error has content");
  if (textOf(block.type).includes("thinking")) assert.equal(block.cache_control, undefined);
}

/** What the next body must begin with: all but the cache marks and the closing brackets. */
export function frozenPart(body: string): string {
  const tail = "]}]}";
  assert.ok(body.endsWith(tail));
  return body.replaceAll(CACHE_MARK, "").slice(0, -tail.length);
}

/** The messages as they would be sent without a mark. */
export function unmarked(messages: readonly Fields[]): readonly unknown[] {
  return messages.map((message) => ({
    ...message,
    content: listOf(message.content)
      .filter(isFields)
      .map(({ cache_control: _, ...block }) => block),
  }));
}
