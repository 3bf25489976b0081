/** The question before something happens: exactly what, where, what is risky, and the answers. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ApprovalAnswer, ApprovalCard } from "../../src/chunks/protocol";
import { isOnScreen, useArmed, useMoves, usePresses } from "../arming";
import { openBatch } from "../batch";
import { post } from "../vscode";
import { Always } from "./always";
import { allowKey, Choice, denyKey } from "./choice";
import { focusNextCard, mayTakeFocus, typeInComposer } from "./focus";
import { Icon } from "./icon";
import { SubjectView } from "./subject";

export function Approval({ card }: { readonly card: ApprovalCard }) {
  const box = useRef<HTMLDivElement>(null);
  const armed = useArmed();
  const [answered, setAnswered] = useState(false);
  const [reason, setReason] = useState("");
  const [saving, setSaving] = useState(false);
  const ready = armed && !answered;
  const presses = usePresses(box, ready);
  useMoves(box);
  /** Set with the answer, before the card is drawn anew. */
  const sent = useRef(false);
  const hasFocus = useRef(false);
  useEffect(() => {
    const element = box.current;
    if (mayTakeFocus()) {
      element?.focus({ preventScroll: true });
    }
    // The keyboard goes on to the next question.
    return () => (sent.current || hasFocus.current) && focusNextCard();
  }, []);

  const answer = (choice: ApprovalAnswer) => {
    if (presses.areMeant() && !sent.current) {
      sent.current = true;
      setAnswered(true);
      post({ type: "decide", tab: card.tab, id: card.id, answer: choice });
    }
  };
  const deny = () => answer(reason.trim() === "" ? { kind: "deny" } : { kind: "deny", reason: reason.trim() });
  const onKeyDown = (event: KeyboardEvent) => {
    const inReason = event.target instanceof HTMLInputElement;
    const withControl = event.ctrlKey || event.metaKey;
    if (event.target === box.current && !withControl) {
      typeInComposer(event);
    }
    if (event.isComposing || (inReason && event.key !== "Enter") || (!inReason && !withControl)) {
      return;
    }
    const isSeen = box.current !== null && isOnScreen(box.current);
    if (isSeen && (event.key === "Enter" || event.key === "Backspace")) {
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Enter" && event.shiftKey && !inReason) {
        openBatch();
        return;
      }
      // In the reason's box Enter sends the reason, whatever else is held down.
      if (inReason || event.key === "Backspace") {
        deny();
      } else {
        answer({ kind: "allow_once" });
      }
    }
  };
  const scopeId = `scope-${card.id}`;
  return (
    <div
      ref={box}
      role="alertdialog"
      aria-label={`Approval: ${card.tool}`}
      aria-describedby={`risk-${card.id}`}
      tabIndex={-1}
      class="approval"
      data-approval={card.id}
      data-armed={ready}
      onFocusIn={() => {
        hasFocus.current = true;
      }}
      onFocusOut={(event) => {
        hasFocus.current = event.relatedTarget === null; // as when the card goes
      }}
      onPointerDownCapture={presses.note}
      onKeyDownCapture={presses.note}
      onKeyDown={onKeyDown}
    >
      <h3 class="approval-title">
        <Icon name="warning" /> {card.title}
      </h3>
      <SubjectView card={card} />
      <p class="approval-risk" id={`risk-${card.id}`}>
        {card.risk}
      </p>
      {saving && card.always !== undefined ? (
        <Always
          card={card.id}
          choices={card.always}
          onSave={(choice) => answer({ kind: "allow_always", choice })}
          onBack={() => {
            setSaving(false);
            box.current?.focus({ preventScroll: true });
          }}
        />
      ) : (
        <div class="approval-buttons">
          <Choice
            label="Allow once"
            keys={allowKey}
            primary
            ready={ready}
            onClick={() => answer({ kind: "allow_once" })}
          />
          {card.tabScope !== undefined && (
            <Choice
              label="Allow in this tab"
              ready={ready}
              describedBy={scopeId}
              onClick={() => answer({ kind: "allow_tab" })}
            />
          )}
          {card.always !== undefined && (
            <Choice label="Always allow …" ready={ready} onClick={() => ready && setSaving(true)} />
          )}
          <Choice label="Deny" keys={denyKey} ready={ready} onClick={deny} />
          <input
            class="approval-reason"
            aria-label="Reason"
            placeholder="Deny with a reason…"
            title="What the model should do instead. Enter denies with this reason."
            value={reason}
            disabled={answered}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </div>
      )}
      {!saving && (
        <p class="approval-keys" aria-hidden="true">
          {allowKey} allows · {denyKey} denies
        </p>
      )}
      {!saving && card.tabScope !== undefined && (
        <p class="approval-scope" id={scopeId}>
          Allow in this tab: {card.tabScope}
        </p>
      )}
    </div>
  );
}
