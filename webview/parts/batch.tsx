/** All questions of a tab, each in full, with one answer for all. What is allowed is what was shown: each by its own id. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ApprovalAnswer, ApprovalCard } from "../../src/chunks/protocol";
import { useArmed, usePresses } from "../arming";
import { batch, cameLater, closeBatch } from "../batch";
import { post } from "../vscode";
import { plural } from "../words";
import { allowKey, Choice, denyKey } from "./choice";
import { focusNextCard } from "./focus";
import { Icon, IconButton } from "./icon";
import { SubjectView } from "./subject";

/** In front of the transcript, while it is open. */
export function Batch() {
  const cards = batch.value;
  return cards === undefined ? null : <Opened cards={cards} />;
}

function Opened({ cards }: { readonly cards: readonly ApprovalCard[] }) {
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const isSeen = useSeen(list);
  const armed = useArmed();
  const [reason, setReason] = useState("");
  const presses = usePresses(box, armed);
  useEffect(() => {
    list.current?.focus({ preventScroll: true });
    return focusNextCard;
  }, []);

  const answer = (choice: ApprovalAnswer) => {
    if (presses.areMeant() && (choice.kind === "deny" || isSeen)) {
      for (const { tab, id } of cards) {
        post({ type: "decide", tab, id, answer: choice });
      }
      closeBatch();
    }
  };
  const deny = () => answer(reason.trim() === "" ? { kind: "deny" } : { kind: "deny", reason: reason.trim() });
  const onKeyDown = (event: KeyboardEvent) => {
    const inReason = event.target instanceof HTMLInputElement;
    const withControl = event.ctrlKey || event.metaKey;
    const isEnter = event.key === "Enter" && (inReason || withControl);
    const isBack = event.key === "Backspace" && withControl && !inReason;
    if (event.isComposing || !(isEnter || isBack || event.key === "Escape")) {
      return;
    }
    event.preventDefault();
    event.stopPropagation(); // Escape closes this and stops nothing
    if (event.key === "Escape") {
      closeBatch();
    } else if (isBack || inReason) {
      deny();
    } else {
      answer({ kind: "allow_once" });
    }
  };
  const later = cameLater.value;
  return (
    <div
      ref={box}
      class="batch"
      role="dialog"
      aria-modal="true"
      aria-label="All questions"
      onPointerDownCapture={presses.note}
      onKeyDownCapture={presses.note}
      onKeyDown={onKeyDown}
      data-armed={armed && isSeen}
    >
      <header class="batch-head">
        <h2>
          <Icon name="warning" /> {plural(cards.length, "question")}
        </h2>
        <IconButton icon="close" label="Back to the chat" onClick={closeBatch} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <ol ref={list} class="batch-list" tabIndex={0} aria-label="Questions">
        {cards.map((card) => (
          <li key={card.id} class="approval" data-question={card.id}>
            <h3 class="approval-title">{card.title}</h3>
            <SubjectView card={card} full />
            <p class="approval-risk">{card.risk}</p>
          </li>
        ))}
        <li class="batch-end" aria-hidden="true" />
      </ol>
      <footer class="batch-foot">
        {later > 0 && <p class="dim">{plural(later, "question")} came since, asked separately.</p>}
        {!isSeen && <p class="dim">Scroll to the end to allow all.</p>}
        <div class="approval-buttons">
          <Choice
            label={`Allow all ${cards.length} once`}
            keys={allowKey}
            primary
            ready={armed && isSeen}
            onClick={() => answer({ kind: "allow_once" })}
          />
          <Choice label="Deny all" keys={denyKey} ready={armed} onClick={deny} />
          <input
            class="approval-reason"
            aria-label="Reason"
            placeholder="Deny with a reason…"
            title="What the model should do instead. Enter denies all with this reason."
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </div>
        <p class="approval-keys" aria-hidden="true">
          {allowKey} allows all · {denyKey} denies all
        </p>
      </footer>
    </div>
  );
}

/** True once the end of the list has been in sight. */
function useSeen(list: { readonly current: HTMLElement | null }): boolean {
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const end = list.current?.lastElementChild;
    if (end === undefined || end === null) {
      return;
    }
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) {
          setSeen(true);
        }
      },
      { root: list.current },
    );
    observer.observe(end);
    return () => observer.disconnect();
  }, [list]);
  return isSeen;
}
