import type { Setup, TabState } from "../../src/chunks/protocol";
import { setDraft } from "../drafts";
import { post } from "../vscode";
import { FirstStep } from "./first-step";
import { composerBox } from "./focus";
import { Icon } from "./icon";
import { RecentChats } from "./recent";

const STARTERS = [
  { icon: "list-tree", text: "Explain how this project is structured" },
  { icon: "search", text: "Find a likely bug and suggest how to fix it" },
  { icon: "pass", text: "Run the tests and mend what fails" },
];

/** What a new tab shows: the one step that is missing or how to begin, and the chats before it. */
export function Empty({ tab, setup }: { readonly tab: TabState; readonly setup: Setup }) {
  return (
    <div class="empty">
      <Mark />
      <h2>Dispatch</h2>
      <KeyStep setup={setup} />
      {setup.key.kind === "ready" && (
        <>
          <p>Describe a task. Dispatch reads, edits and runs things here, and asks before it changes anything.</p>
          <ul class="starters">
            {STARTERS.map(({ icon, text }) => (
              <li>
                <button type="button" class="starter" onClick={() => start(tab.id, text)}>
                  <Icon name={icon} />
                  <span>{text}</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      <RecentChats tab={tab} />
    </div>
  );
}

function KeyStep({ setup }: { readonly setup: Setup }) {
  const { key } = setup;
  switch (key.kind) {
    case "missing":
      return <FirstStep setup={setup} />;
    case "settings":
      return (
        <>
          <p>{key.message}</p>
          <button type="button" class="button" onClick={() => post({ type: "run", command: "open-settings" })}>
            Open settings
          </button>
        </>
      );
    default:
      return null;
  }
}

function start(tab: string, text: string): void {
  setDraft(tab, text);
  composerBox()?.focus();
}

/** The product's mark, as in media/dispatch.svg. */
function Mark() {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="4.75" cy="12" r="2" />
      <path d="M6.75 12H20M17 9l3 3-3 3" />
      <path d="M6.4 10.8C8.6 9 9.2 5 13 5h4.5M15 2.5 17.5 5 15 7.5" />
      <path d="M6.4 13.2C8.6 15 9.2 19 13 19h4.5M15 16.5 17.5 19 15 21.5" />
    </svg>
  );
}
