/** The first record of a turn: the person's words, what the model is told beside them, and the frozen prompt of the tab. */
import { userDraft } from "../chunks/explode";
import type { Draft } from "../chunks/rows";
import type { Op, TabRecord, TurnRecord } from "../store/types";
import { renderPrompt } from "../wire/prompt";
import { sha256 } from "./hash";
import { laterContext, openingContext, SYSTEM_TEXT } from "./prompt";
import type { TabWire } from "./tab-wire";
import type { Surroundings } from "./types";

/** A title is the first line of the first message, at most this long. */
const TITLE_LENGTH = 60;

export type Opening = { readonly record: TabRecord; readonly drafts: readonly Draft[]; readonly also: readonly Op[] };

/**
 * Everything that becomes durable before the first request, as one record. The prompt is frozen at the first turn of a
 * tab: system text and tool list never change under a conversation, because that would cost its whole cache.
 */
export async function openTurn(start: {
  readonly text: string;
  readonly record: TabRecord;
  readonly turn: TurnRecord;
  readonly previous: TurnRecord | undefined;
  readonly surroundings: Surroundings;
  readonly wire: TabWire;
}): Promise<Opening> {
  const { text, turn, previous, surroundings } = start;
  const frozen = start.record.promptHash === undefined ? freezePrompt(surroundings) : undefined;
  const record: TabRecord = {
    ...start.record,
    title: previous === undefined && start.record.title === NEW_TITLE ? titleFrom(text) : start.record.title,
    ...(frozen === undefined ? {} : { promptHash: frozen.hash }),
  };
  const context =
    previous === undefined
      ? await openingContext(surroundings.workspace, turn.startedAt, process.platform)
      : laterContext(previous.startedAt, turn.startedAt);
  const also: Op[] = [
    ...(frozen === undefined ? [] : [{ op: "prompt", ...frozen } as const]),
    { op: "tab", tab: record },
    { op: "turn", turn },
  ];
  await start.wire.load(record, frozen?.text);
  const drafts = [...(context === undefined ? [] : [userDraft(0, context, "context")]), userDraft(0, text)];
  return { record, drafts, also };
}

export const NEW_TITLE = "New chat";

function freezePrompt(surroundings: Surroundings): { readonly hash: string; readonly text: string } {
  const tools = surroundings.tools.map(({ name, description, schema }) => ({ name, description, schema }));
  const text = renderPrompt(SYSTEM_TEXT, tools);
  return { hash: sha256(text), text };
}

function titleFrom(text: string): string {
  const line = text.trim().split("\n", 1)[0] ?? "";
  const letters = [...line];
  return letters.length <= TITLE_LENGTH
    ? line
    : `${letters
        .slice(0, TITLE_LENGTH - 1)
        .join("")
        .trimEnd()}…`;
}
