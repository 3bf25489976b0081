/** The agent's task list of a tab. It may stand far above what any view has loaded, so the host finds it. */
import type { Row } from "../chunks/rows";
import { foldTodo, noTodo, type TodoList, todoTool } from "../chunks/todo";
import type { Store } from "../store/types";

export type TabTodo = {
  /** Finds the last list in the log, once. Resolves when it is known. */
  readonly load: () => Promise<void>;
  /** Rows that were just sealed. */
  readonly append: (rows: readonly Row[]) => void;
  readonly list: () => TodoList | undefined;
};

/** Rows that are read at a time: a call and its result, some of which were refused. */
const PAGE = 10;

/** @param changed the list is another one. */
export function createTabTodo(tabId: string, store: Store, changed: () => void): TabTodo {
  let fold = noTodo;
  let loading: Promise<void> | undefined;

  const find = async (): Promise<void> => {
    let rows: readonly Row[] = [];
    for (let before = Number.MAX_SAFE_INTEGER; fold.list === undefined; before = rows[0]?.seq ?? 0) {
      const page = await store.rowsOfTool(tabId, todoTool, before, PAGE);
      rows = [...page, ...rows];
      const { list } = rows.reduce(foldTodo, noTodo);
      if (list !== undefined && fold.list === undefined) {
        fold = { ...fold, list };
        changed();
      }
      if (page.length < PAGE) return;
    }
  };

  return {
    load() {
      loading ??= find().catch((error: unknown) => {
        loading = undefined; // the next one may read it
        throw error;
      });
      return loading;
    },
    append(rows) {
      const before = fold.list;
      fold = rows.reduce(foldTodo, fold);
      if (fold.list !== before) changed();
    },
    list: () => fold.list,
  };
}
