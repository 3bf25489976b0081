/** A question of the agent, with its choices and room for other words. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Ask, AskAnswer } from "../../src/chunks/ask";
import { isOnScreen, useArmed, useMoves, usePresses } from "../arming";
import { revealText } from "../text/reveal";
import { post } from "../vscode";
import { mayTakeFocus, typeInComposer } from "./focus";
import { Icon } from "./icon";

/** Of one: a choice answers at once. Of several: each is ticked, and Enter answers. */
export function AskCard({ tab, ask }: { readonly tab: string; readonly ask: Ask }) {
  const box = useRef<HTMLDivElement>(null);
  const armed = useArmed();
  const [answered, setAnswered] = useState(false);
  const [ticked, setTicked] = useState<readonly number[]>([]);
  const [text, setText] = useState("");
  const ready = armed && !answered;
  const presses = usePresses(box, ready);
  useMoves(box);
  const canAnswer = ready && (ticked.length > 0 || text.trim() !== "");
  useEffect(() => {
    if (mayTakeFocus()) {
      box.current?.focus({ preventScroll: true });
    }
  }, []);

  const send = (answer: AskAnswer) => {
    if (presses.areMeant()) {
      setAnswered(true);
      post({ type: "answer", tab, id: ask.id, answer });
    }
  };
  const answer = (choices: readonly number[]) => {
    const own = text.trim();
    send({ kind: "answer", choices, ...(own === "" ? {} : { text: own }) });
  };
  const take = (place: number) => {
    if (!ask.several) {
      answer([place]);
    } else if (presses.areMeant()) {
      const others = ticked.filter((one) => one !== place);
      setTicked(others.length < ticked.length ? others : [...others, place].sort((a, b) => a - b));
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const isSeen = box.current !== null && isOnScreen(box.current);
    if (!isSeen || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const inText = event.target instanceof HTMLInputElement;
    const onButton = event.target instanceof HTMLButtonElement && event.target.dataset.choice === undefined;
    const place = Number(event.key) - 1;
    const isChoice = !inText && /^[1-9]$/.test(event.key) && ask.choices[place] !== undefined;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const isEnter = event.key === "Enter" && (inText || (ask.several && !onButton));
    if (isChoice || step !== 0 || isEnter) {
      event.preventDefault();
      event.stopPropagation();
    }
    if (isChoice) {
      take(place);
    } else if (step !== 0) {
      moveFocus(box.current, step);
    } else if (isEnter && canAnswer) {
      answer(ticked);
    } else if (event.target === box.current && !/^[1-9]$/.test(event.key)) {
      typeInComposer(event);
    }
  };
  const questionId = `ask-${ask.id}`;
  return (
    <div
      ref={box}
      role="alertdialog"
      aria-label="Question"
      aria-describedby={questionId}
      tabIndex={-1}
      class="approval ask"
      data-approval={ask.id}
      data-armed={ready}
      onPointerDownCapture={presses.note}
      onKeyDownCapture={presses.note}
      onKeyDown={onKeyDown}
    >
      <h3 class="approval-title" id={questionId} dir="auto">
        <Icon name="comment-discussion" /> {revealText(ask.question)}
      </h3>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms */}
      <div
        class="ask-choices"
        role="group"
        aria-label={ask.several ? "Choices, more than one may be taken" : "Choices"}
      >
        {ask.choices.map(({ label, description = "" }, place) => (
          <button
            type="button"
            class="ask-choice"
            data-choice={place}
            {...(ask.several ? { role: "checkbox", "aria-checked": ticked.includes(place) } : {})}
            aria-disabled={!ready}
            aria-keyshortcuts={String(place + 1)}
            onClick={() => take(place)}
          >
            <span class="ask-key" aria-hidden="true">
              {ask.several && ticked.includes(place) ? <Icon name="check" /> : place + 1}
            </span>
            <span class="ask-words" dir="auto">
              {revealText(label)}
              {description.trim() !== "" && <span class="ask-description">{revealText(description)}</span>}
            </span>
          </button>
        ))}
      </div>
      <div class="approval-buttons">
        <input
          class="approval-reason"
          aria-label="Answer in your own words"
          placeholder={ask.several ? "Add your own words…" : "Or in your own words…"}
          dir="auto"
          value={text}
          disabled={answered}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="button" class="button" aria-disabled={!canAnswer} onClick={() => canAnswer && answer(ticked)}>
          Answer
        </button>
        <button
          type="button"
          class="button secondary"
          aria-disabled={!ready}
          title="The agent decides by itself and goes on"
          onClick={() => send({ kind: "skip" })}
        >
          You decide
        </button>
      </div>
    </div>
  );
}

/** Over the choices, from either end at first. */
function moveFocus(box: HTMLElement | null, step: number): void {
  const choices: Element[] = [...(box?.querySelectorAll<HTMLElement>("[data-choice], input") ?? [])];
  const at = document.activeElement === null ? -1 : choices.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : choices.length - 1) : (at + step + choices.length) % choices.length;
  const choice = choices[next];
  if (choice instanceof HTMLElement) {
    choice.focus();
  }
}
