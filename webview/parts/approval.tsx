/** The question before something happens: exactly what, where, what is risky, and the answers. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ApprovalAnswer, ApprovalCard, DiffLine, Subject } from "../../src/chunks/protocol";
import { assertNever } from "../../src/chunks/rows";
import { excerpt } from "../text/excerpt";
import { post } from "../vscode";
import { plural } from "../words";
import { mayTakeFocus } from "./focus";
import { Icon } from "./icon";
import { Revealed } from "./revealed";

/** A click or key that was meant for what stood here before must not answer the question. */
const ARM_AFTER_MS = 500;
const COMMAND = { lines: 18, characters: 2400 };
const DIFF_LINES = 120;
/** From here on the length of a command is shown. */
const LONG_COMMAND = 400;

const isMac = /Mac/.test(navigator.platform);
const allowKey = isMac ? "⌘⏎" : "Ctrl+Enter";
const denyKey = isMac ? "⌘⌫" : "Ctrl+Backspace";

export function Approval({ card }: { readonly card: ApprovalCard }) {
  const box = useRef<HTMLDivElement>(null);
  const armed = useArmed();
  const [answered, setAnswered] = useState(false);
  const [reason, setReason] = useState("");
  const ready = armed && !answered;
  useEffect(() => {
    if (mayTakeFocus()) {
      box.current?.focus({ preventScroll: true });
    }
  }, []);

  const answer = (choice: ApprovalAnswer) => {
    if (ready) {
      setAnswered(true);
      post({ type: "decide", tab: card.tab, id: card.id, answer: choice });
    }
  };
  const deny = () => answer(reason.trim() === "" ? { kind: "deny" } : { kind: "deny", reason: reason.trim() });
  const onKeyDown = (event: KeyboardEvent) => {
    const inReason = event.target instanceof HTMLInputElement;
    const withControl = event.ctrlKey || event.metaKey;
    if (event.isComposing || (inReason && event.key !== "Enter") || (!inReason && !withControl)) {
      return;
    }
    if (event.key === "Enter" || event.key === "Backspace") {
      event.preventDefault();
      event.stopPropagation();
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
      onKeyDown={onKeyDown}
    >
      <h3 class="approval-title">
        <Icon name="warning" /> {card.title}
      </h3>
      <SubjectView card={card} />
      <p class="approval-risk" id={`risk-${card.id}`}>
        {card.risk}
      </p>
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
      <p class="approval-keys" aria-hidden="true">
        {allowKey} allows · {denyKey} denies
      </p>
      {card.tabScope !== undefined && (
        <p class="approval-scope" id={scopeId}>
          Allow in this tab: {card.tabScope}
        </p>
      )}
    </div>
  );
}

function Choice(props: {
  readonly label: string;
  readonly keys?: string;
  readonly primary?: boolean;
  readonly ready: boolean;
  readonly describedBy?: string;
  readonly onClick: () => void;
}) {
  return (
    <button
      type="button"
      class={props.primary === true ? "button" : "button secondary"}
      aria-disabled={!props.ready}
      aria-describedby={props.describedBy}
      aria-keyshortcuts={props.keys === undefined ? undefined : shortcutOf(props.keys)}
      title={props.keys === undefined ? undefined : `${props.label} (${props.keys})`}
      onClick={props.onClick}
    >
      {props.label}
      {props.keys !== undefined && (
        <span class="keys" aria-hidden="true">
          {props.keys}
        </span>
      )}
    </button>
  );
}

function shortcutOf(keys: string): string {
  return keys.replace("Ctrl", "Control").replace("⌘⏎", "Meta+Enter").replace("⌘⌫", "Meta+Backspace");
}

/** True once the card has been on screen for a moment; a hidden page doesn't count. */
export function useArmed(): boolean {
  const [armed, setArmed] = useState(false);
  useEffect(() => {
    let timer: number | undefined;
    const start = () => {
      clearTimeout(timer);
      if (document.visibilityState === "visible") {
        timer = window.setTimeout(() => setArmed(true), ARM_AFTER_MS);
      }
    };
    start();
    document.addEventListener("visibilitychange", start);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", start);
    };
  }, []);
  return armed;
}

function SubjectView({ card }: { readonly card: ApprovalCard }) {
  const { subject } = card;
  switch (subject.kind) {
    case "command":
      return <Command subject={subject} />;
    case "edit":
      return <Edit card={card} subject={subject} />;
    case "path":
      return (
        <p class="approval-path">
          <Revealed text={subject.path} />
        </p>
      );
    case "job":
      return (
        <p class="approval-path">
          <Revealed text={subject.id} />
        </p>
      );
    case "net":
      return (
        <>
          <pre class="approval-command">
            <Revealed text={subject.text} />
          </pre>
          <p class="approval-place">
            at <Revealed text={subject.host} />
          </p>
        </>
      );
    case "none":
      return null;
    default:
      return assertNever(subject);
  }
}

function Command({ subject }: { readonly subject: Subject & { readonly kind: "command" } }) {
  const [all, setAll] = useState(false);
  const { command, cwd } = subject;
  const part = excerpt(command, COMMAND);
  const lines = command.split("\n").length;
  return (
    <>
      <pre class="approval-command">
        {all || part.tail === undefined ? (
          <Revealed text={command} />
        ) : (
          <>
            <Revealed text={part.head} />
            <button type="button" class="left-out" onClick={() => setAll(true)}>
              {`Show ${plural(part.hiddenCharacters, "more character")}`}
            </button>
            <Revealed text={part.tail} />
          </>
        )}
      </pre>
      <p class="approval-place">
        in <Revealed text={cwd} />
        {(lines > 3 || command.length > LONG_COMMAND) &&
          ` · ${plural(lines, "line")}, ${plural(command.length, "character")}`}
      </p>
    </>
  );
}

function Edit({
  card,
  subject,
}: {
  readonly card: ApprovalCard;
  readonly subject: Subject & { readonly kind: "edit" };
}) {
  const { path, isNew, unsaved, added, removed, diff } = subject;
  const hidden = diff.length - DIFF_LINES;
  const head = hidden > 0 ? diff.slice(0, (DIFF_LINES * 2) / 3) : diff;
  return (
    <>
      <p class="approval-path">
        <span>
          <Revealed text={path} />
          {isNew && <span class="dim"> (new file)</span>}
          {unsaved && <span class="dim"> (in the editor, with your unsaved changes: stays unsaved)</span>}
        </span>
        <span class="counts">
          <span class="added">+{added}</span> <span class="removed">−{removed}</span>
        </span>
        <button
          type="button"
          class="text-button"
          onClick={() => post({ type: "openDiff", tab: card.tab, callId: card.callId })}
        >
          Open diff
        </button>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <section class="diff" tabIndex={0} aria-label="Changes">
        {head.map(diffLine)}
        {hidden > 0 && <div class="left-out">{plural(hidden, "line")} not shown: Open diff shows all</div>}
        {hidden > 0 && diff.slice(-DIFF_LINES / 3).map(diffLine)}
      </section>
    </>
  );
}

function diffLine(line: DiffLine) {
  if (line.kind === "gap") {
    return <div class="diff-gap">⋯</div>;
  }
  const sign = line.kind === "add" ? "+" : line.kind === "remove" ? "−" : " ";
  return (
    <div class={`diff-line diff-${line.kind}`}>
      <span class="diff-number">{line.line}</span>
      <span class="diff-sign">{sign}</span>
      <span class="diff-text">
        <Revealed text={line.text} />
      </span>
    </div>
  );
}
