/** The step behind *Always allow …*: says exactly what would be allowed and where it is kept, before it is. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { AlwaysChoice } from "../../src/chunks/approval-card";
import { useArmed } from "../arming";
import { Revealed } from "./revealed";

/** The first choice is the narrowest. Arrows change it, Escape goes back; only *Save and allow* saves. */
export function Always(props: {
  readonly card: string;
  readonly choices: readonly AlwaysChoice[];
  readonly onSave: (choice: string) => void;
  readonly onBack: () => void;
}) {
  const { card, choices, onSave, onBack } = props;
  const ready = useArmed();
  const [chosen, setChosen] = useState(choices[0]?.id ?? "");
  const box = useRef<HTMLFieldSetElement>(null);
  const first = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    first.current?.focus();
    box.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.isComposing) {
      event.preventDefault();
      onBack();
    }
    // Keys of the card and of the page don't reach it from here: Escape would stop the turn, Ctrl+Enter allow once.
    event.stopPropagation();
  };
  return (
    <fieldset ref={box} class="always" onKeyDown={onKeyDown}>
      <legend>Always allow</legend>
      {choices.map((choice, at) => (
        <label key={choice.id} class="always-choice">
          <input
            {...(at === 0 ? { ref: first } : {})}
            type="radio"
            name={`always-${card}`}
            checked={choice.id === chosen}
            onChange={() => setChosen(choice.id)}
          />
          <span class="always-words">
            <code>
              <Revealed text={choice.matches} />
            </code>
            <span>{choice.words}</span>
            <span class="dim">{choice.place}</span>
          </span>
        </label>
      ))}
      <div class="approval-buttons">
        <button type="button" class="button" aria-disabled={!ready} onClick={() => ready && onSave(chosen)}>
          Save and allow
        </button>
        <button type="button" class="button secondary" onClick={onBack}>
          Back
        </button>
      </div>
    </fieldset>
  );
}
