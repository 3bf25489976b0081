/** The part of a request that is frozen per tab: the tool list and the system text, as exact JSON text. */

export type ToolDefinition = {
  readonly name: string;
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
};

/** What is spliced in before the closing brace of a block to end a cached prefix there. */
export const CACHE_MARK = `,"cache_control":{"type":"ephemeral"}`;

/** The names of the tools in a prompt that `renderPrompt` has made, by this version or an older one. */
export function toolNames(prompt: string): readonly string[] {
  const { tools }: { readonly tools?: readonly { readonly name: string }[] } = JSON.parse(`{${prompt}}`);
  return (tools ?? []).map((tool) => tool.name);
}

/**
 * `"tools":[…],"system":[…]` with the cache mark on the last system block, which covers the tools too. Tools and
 * schema keys stay in the order given: it is part of the cached prefix. Stored under its hash, and sent as it is.
 * Without tools there is no `tools`: some servers refuse an empty list.
 */
export function renderPrompt(system: string, tools: readonly ToolDefinition[]): string {
  const definitions = tools.map(({ name, description, schema }) =>
    JSON.stringify({ name, description, input_schema: schema }),
  );
  const list = definitions.length === 0 ? "" : `"tools":[${definitions.join(",")}],`;
  return `${list}"system":[{"type":"text","text":${JSON.stringify(system)}${CACHE_MARK}}]`;
}

/** The same prompt for a server that knows no cache marks. */
export function withoutMark(prompt: string): string {
  const end = `${CACHE_MARK}}]`;
  return prompt.endsWith(end) ? `${prompt.slice(0, -end.length)}}]` : prompt;
}

/** The two parts of a prompt from `renderPrompt`, as text. Quotes within the instructions are escaped, so theirs is the last such key. */
export function splitPrompt(prompt: string): { readonly tools: string; readonly system: string } {
  const at = Math.max(0, prompt.lastIndexOf(`"system":[{"type":"text","text":`));
  return { tools: prompt.slice(0, at), system: prompt.slice(at) };
}
