/** The SDK's own parser against the simulator, in every way of cutting the stream up. */
import assert from "node:assert/strict";
import Anthropic from "@anthropic-ai/sdk";
import { call, type FragmentMode, reply, text, thinking } from "./reply";
import { type Simulator, startSimulator } from "./server";

const words = 'Grüße, 世界! 👩‍👩‍👧‍👦 \\ "quoted"\n\n\ttab  two spaces';
const input = { path: "süß/文件.ts", edits: [{ old_text: "a\nb", new_text: 'c"d\\e' }], n: 1.5, deep: { "7": null } };

describe("simulator: the SDK's parser", () => {
  const modes: readonly FragmentMode[] = ["default", "fine", "bytes", "crlf", "batched"];
  let simulator: Simulator;

  before(async () => {
    simulator = await startSimulator({
      scenario: ({ userText }) => ({
        ...reply(thinking(`Thinking: ${words}`), text(words), call("edit_file", input), call("list_files", {})),
        fragment: modes.find((mode) => mode === userText) ?? "default",
      }),
    });
  });
  after(() => simulator.close());

  for (const mode of modes) {
    it(`reads the same message from a stream in mode ${mode} and from one JSON body`, async () => {
      const client = new Anthropic({ baseURL: simulator.url, apiKey: "key", maxRetries: 0 });
      const request = {
        model: "claude-sonnet-5-5",
        max_tokens: 1000,
        thinking: { type: "adaptive", display: "summarized" },
        messages: [{ role: "user", content: mode }],
      } as const;
      const streamed = await client.messages.stream({ ...request, messages: [...request.messages] }).finalMessage();
      const whole = await client.messages.create({ ...request, messages: [...request.messages] });
      const signature = streamed.content[0]?.type === "thinking" ? streamed.content[0].signature : "";
      assert.match(signature, /^[A-Za-z0-9+/=]{100,}$/);
      assert.deepEqual(blocks(streamed.content), [
        { type: "thinking", thinking: `Thinking: ${words}`, signature },
        { type: "text", text: words },
        { type: "tool_use", name: "edit_file", input },
        { type: "tool_use", name: "list_files", input: {} },
      ]);
      assert.deepEqual(blocks(whole.content), blocks(streamed.content));
      assert.equal(streamed.stop_reason, "tool_use");
      assert.deepEqual(streamed.usage, whole.usage);
    });
  }
});

/** Without the ids, which differ from request to request. */
function blocks(content: readonly Anthropic.ContentBlock[]): unknown {
  return content.map((block) => {
    const { id: _, ...rest } = { id: "", ...block };
    return rest;
  });
}
