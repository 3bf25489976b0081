/** Short words for the parts of a request, for tests that need many. */
import { goodHeaders } from "./client";
import type { Fields } from "./types";

export const user = (content: unknown) => ({ role: "user", content });
export const assistant = (content: unknown) => ({ role: "assistant", content });
export const use = (id: string, extra: Fields = {}) => ({
  type: "tool_use",
  id,
  name: "read_file",
  input: {},
  ...extra,
});
export const result = (id: string, extra: Fields = {}) => ({
  type: "tool_result",
  tool_use_id: id,
  content: "ok",
  ...extra,
});
export const say = (text: string, extra: Fields = {}) => ({ type: "text", text, ...extra });
export const marked = { cache_control: { type: "ephemeral" } };
export const hour = { cache_control: { type: "ephemeral", ttl: "1h" } };
export const tool = (name: string, extra: Fields = {}) => ({ name, input_schema: { type: "object" }, ...extra });
export const body = (extra: Fields = {}): Fields => ({
  model: "claude-sonnet-5-5",
  max_tokens: 100,
  messages: [user("hi")],
  ...extra,
});
export const said = (...messages: readonly unknown[]) => body({ messages });
export const old = (extra: Fields) => body({ model: "claude-haiku-4-5", ...extra });
export const png = (width: number, height: number) => {
  const head = Buffer.alloc(32);
  head.writeUInt32BE(0x89504e47, 0);
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return { type: "image", source: { type: "base64", media_type: "image/png", data: head.toString("base64") } };
};
export const without = (header: string) =>
  Object.fromEntries(Object.entries(goodHeaders).filter(([name]) => name !== header));
