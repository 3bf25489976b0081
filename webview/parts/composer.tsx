import { useEffect, useRef } from "preact/hooks";
import { clearDraft, draftOf, flushDraft, setDraft } from "../drafts";
import { startEdit } from "../queue-edit";
import { activeAsks, activeTab, canStop, focusWishes, toEnd } from "../state";
import { post } from "../vscode";
import { ContextMeter } from "./context-meter";
import { Icon } from "./icon";
import { ModeMenu } from "./mode-menu";

/**
 * The message box. Enter sends, or queues while the agent works; Shift+Enter breaks the line, Escape stops (main.tsx: it
 * works everywhere). Up in the empty box edits the last queued message.
 */
export function Composer() {
  const tab = activeTab.value;
  const running = canStop.value;
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (focusWishes.value > 0) {
      box.current?.focus();
    }
  }, [focusWishes.value, tab === undefined]); // a wish may come before the first tab
  if (tab === undefined) {
    return null;
  }
  const text = draftOf(tab);
  const isAsked = activeAsks.value.length > 0;
  const isEmpty = text.trim() === "";
  const send = () => {
    if (!isEmpty) {
      clearDraft(tab.id);
      toEnd();
      post({ type: "send", tab: tab.id, text });
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // 229: a key that an input method takes (some report it before isComposing is set).
    const isComposing = event.isComposing || event.keyCode === 229;
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey && !isComposing) {
      event.preventDefault();
      send();
    }
    const last = tab.queue.at(-1);
    if (event.key === "ArrowUp" && text === "" && last !== undefined) {
      event.preventDefault();
      startEdit(tab.id, last);
    }
  };
  return (
    <div class="composer">
      <div class="composer-box">
        <textarea
          ref={box}
          class="message"
          aria-label="Message"
          placeholder={isAsked ? "Choose above, or answer here" : "Ask, or describe a task"}
          rows={1}
          dir="auto"
          value={text}
          onInput={(event) => setDraft(tab.id, event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onBlur={flushDraft}
        />
        <div class="composer-row">
          <ModeMenu tab={tab.id} mode={tab.mode} />
          {running && !isEmpty ? (
            <span class="composer-hint">{isAsked ? "Enter answers" : "Enter queues this"}, Escape stops</span>
          ) : (
            <ModelButton label={tab.modelLabel} />
          )}
          <ContextMeter context={tab.context} />
          {running && (
            <button
              type="button"
              class="round stop"
              aria-label="Stop"
              title="Stop (Escape)"
              aria-disabled={tab.activity.kind === "stopping"}
              onClick={() => post({ type: "stop", tab: tab.id })}
            >
              <Icon name="debug-stop" />
            </button>
          )}
          {(!running || !isEmpty) && (
            <button
              type="button"
              class="round"
              aria-label="Send"
              title={isAsked ? "Answer (Enter)" : running ? "Send after the step that runs (Enter)" : "Send (Enter)"}
              disabled={isEmpty}
              onClick={send}
            >
              <Icon name="send" />
            </button>
          )}
        </div>
      </div>
    </div>
  );
}

/** What the next step asks. Without settings that can be read there is nothing to choose from. */
function ModelButton({ label }: { readonly label: string }) {
  return (
    <span class="model">
      {label !== "" && (
        <button
          type="button"
          class="text-button row-button model-button"
          aria-label={`Model: ${label}`}
          title={`Model: ${label}. Choose another one`}
          onClick={() => post({ type: "run", command: "select-model" })}
        >
          {label}
        </button>
      )}
    </span>
  );
}
