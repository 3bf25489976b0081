import { useLayoutEffect, useState } from "preact/hooks";
import { type Mode, type ModeOffer, modeNames, modeWords, shortModeNames } from "../../src/chunks/modes";
import { modeOffers } from "../state";
import { post } from "../vscode";
import { Icon } from "./icon";
import { useMenu } from "./menu";

/** What is shown until the host has said what there is here. */
const USUAL: readonly ModeOffer[] = [{ mode: "ask" }, { mode: "edits" }, { mode: "plan" }];

/** The mode of the tab in front, and the list of those that it can have. */
export function ModeMenu({ tab, mode }: { readonly tab: string; readonly mode: Mode }) {
  const { frame, open, toggle, close, onKeyDown, onFocusOut } = useMenu();
  const place = usePlace(frame.current, open);
  const offers = modeOffers.value.length === 0 ? USUAL : modeOffers.value;
  const choose = (one: Mode) => {
    if (one !== mode) {
      post({ type: "selectMode", tab, mode: one });
    }
    close();
  };
  const onClick = () => {
    if (!open) {
      post({ type: "modes" });
    }
    toggle();
  };
  return (
    <span ref={frame} class="mode" onFocusOut={onFocusOut}>
      <button
        type="button"
        class="text-button row-button mode-button"
        data-mode={mode}
        aria-label={`Mode: ${modeNames[mode]}`}
        title={`Mode: ${modeNames[mode]}. ${modeWords[mode]}`}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={onClick}
      >
        <span class="mode-label">Mode: </span>
        {shortModeNames[mode]}
      </button>
      {open && (
        <div role="menu" aria-label="Mode" class="menu mode-list" style={place} onKeyDown={onKeyDown}>
          {offers.map((offer) => (
            <ModeItem key={offer.mode} offer={offer} isChosen={offer.mode === mode} onChoose={choose} />
          ))}
        </div>
      )}
    </span>
  );
}

type ItemProps = {
  readonly offer: ModeOffer;
  readonly isChosen: boolean;
  readonly onChoose: (mode: Mode) => void;
};

function ModeItem({ offer: { mode, problem }, isChosen, onChoose }: ItemProps) {
  const words = problem === undefined ? modeWords[mode] : `Not available: ${problem}`;
  return (
    <button
      type="button"
      role="menuitemradio"
      class="menu-item mode-item"
      data-mode={mode}
      aria-checked={isChosen}
      aria-disabled={problem !== undefined}
      aria-label={modeNames[mode]}
      aria-description={words}
      tabIndex={-1}
      onClick={() => problem === undefined && onChoose(mode)}
    >
      <span class="menu-mark">{isChosen && <Icon name="check" />}</span>
      <span>
        <span class="mode-name">{modeNames[mode]}</span>
        <span class="mode-words">{words}</span>
      </span>
    </button>
  );
}

/** Above the button, in the window's own coordinates: the dock cuts off what stands out of it. */
function usePlace(frame: HTMLElement | null, open: boolean) {
  const [place, setPlace] = useState<{ readonly left: string; readonly bottom: string }>();
  useLayoutEffect(() => {
    const box = frame?.getBoundingClientRect();
    if (open && box !== undefined) {
      setPlace({ left: `${Math.max(8, box.left - 4)}px`, bottom: `${window.innerHeight - box.top + 4}px` });
    }
  }, [frame, open]);
  return place;
}
