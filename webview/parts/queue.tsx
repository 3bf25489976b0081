/** The messages that wait for the next step, above the composer. Each can be edited, moved and taken back until then. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Behind, FromView, QueuedMessage, TabState } from "../../src/chunks/protocol";
import { cancelEdit, editing, saveEdit, startEdit, typeEdit } from "../queue-edit";
import { activeTab, isRunning } from "../state";
import { post } from "../vscode";
import { duration } from "../words";
import { composerBox } from "./focus";
import { Icon, IconButton } from "./icon";
import { useNow } from "./now";
import { TextButton } from "./text-button";

export function Queue() {
  const tab = activeTab.value;
  return tab === undefined || tab.queue.length === 0 ? null : <QueueOf key={tab.id} tab={tab} />;
}

function QueueOf({ tab }: { readonly tab: TabState }) {
  const { id, queue, behind } = tab;
  const list = useRef<HTMLUListElement>(null);
  /** A button that was pressed in an item that moves: the item's element may be taken out and put in again. */
  const kept = useRef<{ readonly item: string; readonly button: string } | undefined>(undefined);
  const [dragged, setDragged] = useState<string | undefined>(undefined);
  const order = queue.map((message) => message.id).join(" ");
  useEffect(() => {
    const { item, button } = kept.current ?? {};
    kept.current = undefined;
    if (item !== undefined) {
      const at = `[data-queued="${CSS.escape(item)}"]`;
      const find = (label: string) => list.current?.querySelector<HTMLElement>(`${at} [aria-label${label}]`);
      (find(`="${button}"`) ?? find('^="Move "'))?.focus(); // at an end there is only the way back
    }
  }, [order]);
  const move = (message: string, to: number, button?: string) => {
    if (to >= 0 && to < queue.length && queue[to]?.id !== message) {
      kept.current = button === undefined ? undefined : { item: message, button };
      post({ type: "queueMove", tab: id, id: message, to });
    }
  };
  const onKeyDown = (event: KeyboardEvent, message: string, index: number) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by !== undefined && event.altKey && event.target instanceof HTMLButtonElement) {
      event.preventDefault();
      move(message, index + by, event.target.getAttribute("aria-label") ?? undefined);
    }
  };
  return (
    <section class="queue" aria-label="Queue">
      <p class="queue-line">
        {behind !== undefined ? (
          <BehindCommand tab={tab} {...behind} />
        ) : isRunning.value ? (
          <span>{queue.length === 1 ? "Sent" : "All sent"} after the step that runs</span>
        ) : (
          <>
            <span>Waiting for you: sent with your next message</span>
            <button
              type="button"
              class="text-button"
              aria-label="Send queued messages"
              onClick={() => post({ type: "sendNow", tab: id })}
            >
              Send
            </button>
          </>
        )}
      </p>
      <ul ref={list} aria-label="Queued messages">
        {queue.map((message, index) => (
          <li
            key={message.id}
            class={dragged === message.id ? "queued dragged" : "queued"}
            data-queued={message.id}
            draggable={queue.length > 1 && editing.value?.id !== message.id}
            onDragStart={(event) => {
              event.dataTransfer?.setData("text/plain", message.text);
              setDragged(message.id);
            }}
            onDragEnd={() => setDragged(undefined)}
            onDragOver={(event) => dragged !== undefined && event.preventDefault()}
            onDrop={(event) => {
              if (dragged !== undefined) {
                event.preventDefault();
                move(dragged, index);
                setDragged(undefined);
              }
            }}
            onKeyDown={(event) => onKeyDown(event, message.id, index)}
          >
            {editing.value?.id === message.id ? (
              <EditBox text={editing.value.text} />
            ) : (
              <Line tab={tab} message={message} index={index} move={move} />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A command that runs holds the queue up: it goes on without the agent, is waited for, or is stopped for the first message. */
function BehindCommand({ tab, callId, movesAt }: Behind & { readonly tab: TabState }) {
  const first = tab.queue[0]?.id;
  const act = (message: FromView) => {
    post(message);
    composerBox()?.focus(); // the button goes
  };
  const move = () => act({ type: "background", tab: tab.id, callId });
  if (movesAt !== undefined)
    return (
      <span class="queue-behind">
        <span>
          The command moves to the background <Countdown key={movesAt} to={movesAt} />, so that this is read.
        </span>
        <TextButton label="Move now" onClick={move} />
        <TextButton label="Wait for it" onClick={() => act({ type: "waitForCommand", tab: tab.id, callId })} />
      </span>
    );
  return (
    <span class="queue-behind">
      <span>The agent gets this when the command ends.</span>
      <TextButton label="Move the command to the background" onClick={move} />
      {first !== undefined && (
        <button
          type="button"
          class="text-button"
          title="Stops the command and sends this at once"
          onClick={() => post({ type: "sendNow", tab: tab.id, id: first })}
        >
          Send now
        </button>
      )}
    </span>
  );
}

function Countdown({ to }: { readonly to: number }) {
  const left = Math.ceil((to - useNow(1000)) / 1000);
  const words = left <= 0 ? "now" : `in ${left < 60 ? `${left} s` : duration(left * 1000)}`;
  return <span class="queue-countdown">{words}</span>;
}

function Line(props: {
  readonly tab: TabState;
  readonly message: QueuedMessage;
  readonly index: number;
  readonly move: (message: string, to: number, button: string) => void;
}) {
  const { tab, message, index, move } = props;
  const { id, text } = message;
  const remove = () => {
    post({ type: "queueRemove", tab: tab.id, id });
    composerBox()?.focus();
  };
  return (
    <>
      <span class="queued-text" dir="auto" title={text}>
        {text}
      </span>
      <span class="queued-actions">
        {isRunning.value && (
          <IconButton icon="send" label="Send now" onClick={() => post({ type: "sendNow", tab: tab.id, id })} />
        )}
        {index > 0 && <IconButton icon="arrow-up" label="Move up" onClick={() => move(id, index - 1, "Move up")} />}
        {index < tab.queue.length - 1 && (
          <IconButton icon="arrow-down" label="Move down" onClick={() => move(id, index + 1, "Move down")} />
        )}
        <IconButton icon="edit" label="Edit" onClick={() => startEdit(tab.id, message)} />
        <IconButton icon="close" label="Remove" onClick={remove} />
      </span>
    </>
  );
}

/** Enter saves, Escape leaves the message as it is. */
function EditBox({ text }: { readonly text: string }) {
  const box = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    box.current?.focus();
    box.current?.setSelectionRange(text.length, text.length);
  }, []);
  const leave = (how: () => void) => {
    how();
    composerBox()?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const isComposing = event.isComposing || event.keyCode === 229;
    const isSave = event.key === "Enter" && !event.shiftKey && !isComposing;
    if (isSave || (event.key === "Escape" && !isComposing)) {
      event.preventDefault();
      event.stopPropagation(); // Escape stops the turn everywhere else
      leave(isSave ? saveEdit : cancelEdit);
    }
  };
  return (
    <>
      <textarea
        ref={box}
        class="queued-edit"
        aria-label="Queued message"
        rows={1}
        dir="auto"
        value={text}
        onInput={(event) => typeEdit(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <span class="queued-actions">
        <button
          type="button"
          class="icon-button"
          aria-label="Save"
          title="Save (Enter)"
          onClick={() => leave(saveEdit)}
        >
          <Icon name="check" />
        </button>
        <button
          type="button"
          class="icon-button"
          aria-label="Cancel"
          title="Cancel (Escape)"
          onClick={() => leave(cancelEdit)}
        >
          <Icon name="close" />
        </button>
      </span>
    </>
  );
}
