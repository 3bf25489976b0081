import { useState } from "preact/hooks";
import { memo } from "../memo";
import { Icon } from "./icon";

type Props = {
  readonly text: string;
  readonly redacted: boolean;
  readonly live: boolean;
  readonly row: number | undefined;
};

/** One folded line; while it streams, with the last line of the thought. */
export const Thinking = memo(({ text, redacted, live, row }: Props) => {
  const [open, setOpen] = useState(false);
  const last = text.trimEnd().split("\n").at(-1) ?? "";
  if (redacted || (!live && text.trim() === "")) {
    return (
      <p class="thought-line" data-row={row}>
        <Icon name="lightbulb" /> Thought{redacted ? ", kept private by the provider" : ""}
      </p>
    );
  }
  return (
    <div class="thought" data-row={row}>
      <button type="button" class="thought-line" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="lightbulb" />
        <span>{live ? "Thinking" : "Thought"}</span>
        {live && !open && (
          <span class="thought-last" dir="auto">
            {last}
          </span>
        )}
        <Icon name={open ? "chevron-down" : "chevron-right"} />
      </button>
      {open && (
        <div class="thought-text" dir="auto">
          {text}
        </div>
      )}
    </div>
  );
});
