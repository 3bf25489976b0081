/** The agent's task list above the composer: the whole list, or folded to the line that says where it stands. */
import { useState } from "preact/hooks";
import { currentTodo, type TodoItem } from "../../src/chunks/todo";
import { activeTab } from "../state";
import { revealText } from "../text/reveal";
import { readSaved, save } from "../vscode";
import { Icon } from "./icon";

export function Todo() {
  const items = activeTab.value?.todo ?? [];
  const [folded, setFolded] = useState(readSaved().todoFolded === true);
  if (items.length === 0) {
    return null;
  }
  const fold = () => {
    save({ todoFolded: !folded });
    setFolded(!folded);
  };
  return (
    <section class="todo" aria-label="Task list">
      <button type="button" class="jobs-fold" aria-expanded={!folded} onClick={fold}>
        <Icon name={folded ? "chevron-right" : "chevron-down"} />
        <span class="todo-line">{folded ? standing(items) : counted(items)}</span>
      </button>
      {!folded && <TodoItems items={items} />}
    </section>
  );
}

export function TodoItems({ items }: { readonly items: readonly TodoItem[] }) {
  return (
    <ul class="todo-items">
      {items.map(({ text, status }) => (
        <li class="todo-item" data-status={status}>
          <Icon name={ICONS[status]} />
          <span>
            <span class="visually-hidden">{`${WORDS[status]}: `}</span>
            {revealText(text)}
          </span>
        </li>
      ))}
    </ul>
  );
}

const ICONS = { pending: "circle-large-outline", in_progress: "arrow-right", done: "check" } as const;
const WORDS = { pending: "To do", in_progress: "In progress", done: "Done" } as const;

/** `3 of 7: what is worked on now`. */
export function standing(items: readonly TodoItem[]): string {
  const current = currentTodo(items);
  return current === undefined
    ? counted(items)
    : `${current.place} of ${items.length}: ${revealText(current.item.text)}`;
}

function counted(items: readonly TodoItem[]): string {
  return `Tasks: ${items.filter(({ status }) => status === "done").length} of ${items.length} done`;
}
