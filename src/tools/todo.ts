import { currentTodo, type TodoItem, todoTool } from "../chunks/todo";
import type { Prepared, Tool } from "./types";

const MAX_ITEMS = 40;
const MAX_CHARACTERS = 200;

/** Writes the task list that the person sees above the message box. The list itself is a fold of the log's rows. */
export const todo: Tool = {
  name: todoTool,
  description: `Writes your task list for this chat, which the person sees all the time and follows your work by. Use it for work of three or more parts, and when the person gives you several things to do; not for a single small task.

Each call gives the whole list, in order, and replaces the one before; what you leave out is gone. Set the part that you begin to in_progress (one at a time), set it to done as soon as it is done, and add what turns out to be needed. An empty list takes it away.`,
  schema: {
    type: "object",
    properties: {
      items: {
        type: "array",
        maxItems: MAX_ITEMS,
        description: "The whole list, in the order of the work.",
        items: {
          type: "object",
          properties: {
            text: {
              type: "string",
              minLength: 1,
              maxLength: MAX_CHARACTERS,
              description: "What is to be done, on one short line.",
            },
            status: { type: "string", enum: ["pending", "in_progress", "done"], description: "How far it is." },
          },
          required: ["text", "status"],
          additionalProperties: false,
        },
      },
    },
    required: ["items"],
    additionalProperties: false,
  },
  readOnly: true,
  about: (args) => (Array.isArray(args.items) ? `${args.items.length} items` : ""),
  prepare: async (args): Promise<Prepared> => {
    // The schema has checked them.
    const items: readonly TodoItem[] = Array.isArray(args.items) ? args.items : [];
    return {
      ok: true,
      effect: { kind: "none" },
      subject: { kind: "none" },
      run: async () => ({ text: answer(items), isError: false, summary: summary(items) }),
    };
  },
};

function answer(items: readonly TodoItem[]): string {
  if (items.length === 0) return "The list is empty now and not shown any more.";
  const current = currentTodo(items);
  const next = current === undefined ? "All is done." : `Now: ${current.item.text}`;
  return `The person sees the list: ${summary(items)}. ${next}`;
}

function summary(items: readonly TodoItem[]): string {
  return items.length === 0
    ? "empty"
    : `${items.filter(({ status }) => status === "done").length} of ${items.length} done`;
}
