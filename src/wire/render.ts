/**
 * One row to the JSON text of one content block. The same row gives the same bytes in every request and after every
 * restart: sent text is never parsed and serialised again.
 */
import { assertNever, type ResultImage, type Row, type ToolCall, type ToolResult } from "../chunks/rows";

/** Grows when the bytes of any block change, so that a stored request is audited by the renderer that made it. */
export const RENDERER_VERSION = 1;

/**
 * The JSON text of the row's block, or `undefined` for what is not sent: system and error rows, blank text and
 * thinking without a signature (both are refused by the API).
 */
export function renderRow(row: Row, images?: Images): string | undefined {
  if (!isSent(row)) return undefined;
  switch (row.type) {
    case "text":
      return `{"type":"text","text":${quote(row.data.text)}}`;
    case "thinking": {
      const { text, signature, redacted } = row.data;
      if (redacted !== undefined) return `{"type":"redacted_thinking","data":${quote(redacted)}}`;
      return `{"type":"thinking","thinking":${quote(text)},"signature":${quote(signature)}}`;
    }
    case "tool_call":
      return renderCall(row.data);
    case "tool_result":
      return renderResult(row.data, images);
    case "error":
    case "system":
      return undefined;
    default:
      return assertNever(row);
  }
}

/** Whether the row becomes a block of a request. */
export function isSent(row: Row): boolean {
  switch (row.type) {
    case "text":
      return row.data.text.trim() !== "";
    case "thinking":
      return (row.data.redacted ?? row.data.signature) !== "";
    case "tool_call":
    case "tool_result":
      return true;
    case "error":
    case "system":
      return false;
    default:
      return assertNever(row);
  }
}

/**
 * The arguments as they are sent: the streamed text itself when it is a JSON object, else `{}` (no arguments were
 * streamed, or what came can't be sent).
 */
export function wireArguments(argumentsText: string): string {
  const text = wellFormed(argumentsText);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return "{}";
  } catch {
    return "{}";
  }
  return /\\u[dD][89a-fA-F]/.test(text) ? withoutLoneEscapes(text) : text;
}

/**
 * A call id that the API accepts (`^[a-zA-Z0-9_-]+$`), the same for a call and its result. Different ids stay
 * different: an id that is fine is kept, any other one is spelled out behind a prefix that no kept id begins with.
 */
export function wireCallId(callId: string): string {
  if (/^[a-zA-Z0-9_-]+$/.test(callId) && !callId.startsWith(SPELLED)) return callId;
  const spelled = callId.replace(/[^a-zA-Z0-9]/g, (c) => `_${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return SPELLED + spelled;
}

const SPELLED = "id-";

function renderCall(call: ToolCall): string {
  const id = quote(wireCallId(call.callId));
  // A model behind a gateway may call a tool by a name that the API itself would refuse.
  const name = quote(call.name.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 64) || "unknown");
  return `{"type":"tool_use","id":${id},"name":${name},"input":${wireArguments(call.argumentsText)}}`;
}

/** The bytes of an image, as Base64, by the name of its blob. */
export type Images = (blob: string) => string | undefined;

function renderResult(result: ToolResult, images: Images | undefined): string {
  const members = [`"type":"tool_result"`, `"tool_use_id":${quote(wireCallId(result.callId))}`];
  const isBlank = result.text.trim() === "";
  if (result.image !== undefined) {
    const data = images?.(result.image.blob);
    members.push(
      `"content":${data === undefined ? quote(`${result.text}\n${NOT_SHOWN}`) : withImage(result, result.image, data)}`,
    );
    return `{${members.join(",")}}`;
  }
  // The API takes a result without content, but not an error without one.
  if (!isBlank) members.push(`"content":${quote(result.text)}`);
  else if (result.isError) members.push(`"content":"The tool failed without a message."`);
  if (result.isError) members.push(`"is_error":true`);
  return `{${members.join(",")}}`;
}

/** In the place of an image for a model that takes none, or that is not there any more. */
const NOT_SHOWN = "[The image itself can't be shown here.]";

function withImage({ text }: ToolResult, { mediaType }: ResultImage, data: string): string {
  const source = `{"type":"base64","media_type":${quote(mediaType)},"data":${JSON.stringify(data)}}`;
  return `[{"type":"text","text":${quote(text)}},{"type":"image","source":${source}}]`;
}

function quote(text: string): string {
  return JSON.stringify(wellFormed(text));
}

/** Half a surrogate pair (text that was cut in the middle of a character) makes the API refuse the whole body. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}

/** The same for `\ud83d` written as an escape inside JSON text: only halves without their partner are replaced. */
function withoutLoneEscapes(json: string): string {
  const pairOrEscape = /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u([0-9a-fA-F]{4})|\\./g;
  return json.replace(pairOrEscape, (match: string, unit: string | undefined) =>
    unit !== undefined && /^d[89a-f]/i.test(unit) ? "\\ufffd" : match,
  );
}
