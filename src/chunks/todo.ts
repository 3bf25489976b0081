/** The agent's task list, as a fold of the rows: the last list that a call of `todo` wrote and that was accepted. */
import type { Row } from "./rows";

export type TodoItem = { readonly text: string; readonly status: "pending" | "in_progress" | "done" };

export type TodoList = {
  readonly items: readonly TodoItem[];
  /** The turn that wrote it last. */
  readonly turnId: string;
};

export const todoTool = "todo";

export type TodoFold = {
  readonly list?: TodoList;
  /** Calls whose results have not come: their arguments, by call. */
  readonly open: ReadonlyMap<string, string>;
};

export const noTodo: TodoFold = { open: new Map() };

/** @param row the next one, in order of seq; those of other tools change nothing. */
export function foldTodo(fold: TodoFold, row: Row): TodoFold {
  if (row.type === "tool_call" && row.data.name === todoTool)
    return { ...fold, open: new Map(fold.open).set(row.data.callId, row.data.argumentsText) };
  if (row.type !== "tool_result" || row.data.name !== todoTool) return fold;
  const items = todoItems(fold.open.get(row.data.callId) ?? "");
  const open = new Map([...fold.open].filter(([callId]) => callId !== row.data.callId));
  return row.data.isError || items === undefined ? { ...fold, open } : { list: { items, turnId: row.turnId }, open };
}

/** The list as long as it says something: it goes when it is empty, and once all is done and another turn has begun. */
export function todoShown(list: TodoList | undefined, lastTurn: string | undefined): TodoList | undefined {
  if (list === undefined || list.items.length === 0) return undefined;
  return list.turnId !== lastTurn && list.items.every(({ status }) => status === "done") ? undefined : list;
}

/** The items of a call's arguments, or nothing when these are no list. */
export function todoItems(argumentsText: string): readonly TodoItem[] | undefined {
  try {
    const args: unknown = JSON.parse(argumentsText);
    const items: unknown = typeof args === "object" && args !== null && "items" in args ? args.items : undefined;
    return Array.isArray(items) && items.every(isItem)
      ? items.map(({ text, status }: TodoItem) => ({ text, status }))
      : undefined;
  } catch {
    return undefined;
  }
}

/** The item that is worked on, else the first that is still to be done, with its place from 1. */
export function currentTodo(
  items: readonly TodoItem[],
): { readonly item: TodoItem; readonly place: number } | undefined {
  const at = items.findIndex(({ status }) => status === "in_progress");
  const index = at >= 0 ? at : items.findIndex(({ status }) => status === "pending");
  const item = items[index];
  return item === undefined ? undefined : { item, place: index + 1 };
}

function isItem(value: unknown): value is TodoItem {
  if (typeof value !== "object" || value === null || !("text" in value) || !("status" in value)) return false;
  const { text, status } = value;
  return typeof text === "string" && (status === "pending" || status === "in_progress" || status === "done");
}
