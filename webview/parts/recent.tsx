import { useEffect } from "preact/hooks";
import { dollars } from "../../src/chunks/money";
import type { TabState } from "../../src/chunks/protocol";
import { whenText } from "../../src/chunks/when";
import { recentChats, view } from "../state";
import { post } from "../vscode";

/** In an empty tab: the conversations before it, to go on with one. Nothing where there are none. */
export function RecentChats({ tab }: { readonly tab: TabState }) {
  const open = view.value.tabs.map(({ id, title }) => `${id} ${title}`).join("\n");
  useEffect(() => post({ type: "recent" }), [tab.id, open]);
  const chats = recentChats.value;
  if (chats.length === 0) {
    return null;
  }
  return (
    <section class="recent" aria-label="Recent chats">
      <h3>Recent chats</h3>
      <ul>
        {chats.map(({ id, title, lastAt, cost }) => (
          <li key={id}>
            <button
              type="button"
              class="recent-chat"
              title={title}
              onClick={() => post({ type: "openConversation", id })}
            >
              <span class="recent-title" dir="auto">
                {title}
              </span>
              <span class="recent-when">
                {cost === undefined ? "" : `${dollars(cost)} · `}
                {whenText(lastAt, Date.now())}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <button type="button" class="text-button" onClick={() => post({ type: "run", command: "search-history" })}>
        All chats…
      </button>
    </section>
  );
}
