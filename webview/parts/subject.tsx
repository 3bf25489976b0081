/** What a question is about. */
import { useState } from "preact/hooks";
import type { ApprovalCard, DiffLine, Subject } from "../../src/chunks/protocol";
import { assertNever } from "../../src/chunks/rows";
import { excerpt } from "../text/excerpt";
import { post } from "../vscode";
import { plural } from "../words";
import { Revealed } from "./revealed";

const COMMAND = { lines: 18, characters: 2400 };
const DIFF_LINES = 120;
/** From here on the length of a command is shown. */
const LONG_COMMAND = 400;

/** What would happen, exactly: the command and its folder, the diff, the path, the address. */
export function SubjectView({ card }: { readonly card: ApprovalCard }) {
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
