/**
 * A request body of the Messages API as VS Code's language models take it. What they have no place for (a system text,
 * thinking, cache marks, whether a result is an error) becomes text or is left out.
 */
import * as vscode from "vscode";

export type LmRequest = {
  readonly messages: readonly vscode.LanguageModelChatMessage[];
  readonly tools: readonly vscode.LanguageModelChatTool[];
};

/** @param body as the wire has built it. */
export function toLmRequest(body: string): LmRequest {
  const { system, messages, tools }: Fields = JSON.parse(body);
  const instructions = listOf(system)
    .map((block) => textOf(block.text))
    .join("\n\n");
  return {
    messages: [
      ...(instructions === "" ? [] : [vscode.LanguageModelChatMessage.User(instructions)]),
      ...listOf(messages).flatMap(toMessage),
    ],
    tools: listOf(tools).map((tool) => ({
      name: textOf(tool.name),
      description: textOf(tool.description),
      ...(isFields(tool.input_schema) ? { inputSchema: tool.input_schema } : {}),
    })),
  };
}

/** What a model reads of a tool: only messages and text can be counted. */
export function textOfTool({ name, description, inputSchema }: vscode.LanguageModelChatTool): string {
  return `${name}\n${description}\n${JSON.stringify(inputSchema ?? {})}`;
}

type Fields = Readonly<Record<string, unknown>>;

function toMessage({ role, content }: Fields): readonly vscode.LanguageModelChatMessage[] {
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : listOf(content);
  if (role === "assistant") {
    const parts = blocks.flatMap(toAssistantPart);
    return parts.length === 0 ? [] : [vscode.LanguageModelChatMessage.Assistant([...parts])];
  }
  const parts = blocks.flatMap(toUserPart);
  return parts.length === 0 ? [] : [vscode.LanguageModelChatMessage.User([...parts])];
}

function toAssistantPart(block: Fields): readonly (vscode.LanguageModelTextPart | vscode.LanguageModelToolCallPart)[] {
  switch (block.type) {
    case "text":
      return [new vscode.LanguageModelTextPart(textOf(block.text))];
    case "tool_use": {
      const input = isFields(block.input) ? block.input : {};
      return [new vscode.LanguageModelToolCallPart(textOf(block.id), textOf(block.name), input)];
    }
    default:
      return [];
  }
}

function toUserPart(block: Fields): readonly (vscode.LanguageModelTextPart | vscode.LanguageModelToolResultPart)[] {
  switch (block.type) {
    case "text":
      return [new vscode.LanguageModelTextPart(textOf(block.text))];
    case "tool_result": {
      const text = typeof block.content === "string" ? block.content : listOf(block.content).map(textIn).join("");
      const content = [new vscode.LanguageModelTextPart(text)];
      return [new vscode.LanguageModelToolResultPart(textOf(block.tool_use_id), content)];
    }
    default:
      return [];
  }
}

function textIn(block: Fields): string {
  return textOf(block.text);
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
