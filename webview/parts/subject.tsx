/** What a question is about. */
import { useState } from "preact/hooks";
import type { ApprovalCard, Subject } from "../../src/chunks/protocol";
import { assertNever } from "../../src/chunks/rows";
import { excerpt } from "../text/excerpt";
import { post } from "../vscode";
import { plural } from "../words";
import { Diff } from "./diff";
import { Revealed } from "./revealed";
import { InTerminal } from "./text-button";

const COMMAND = { lines: 18, characters: 2400 };
/** From here on the length of a command is shown. */
const LONG_COMMAND = 400;

/**
 * What would happen, exactly: the command and its folder, the diff, the path, the address.
 * @param full nothing is folded, and nothing has a box of its own that scrolls.
 */
export function SubjectView({ card, full = false }: { readonly card: ApprovalCard; readonly full?: boolean }) {
  const { subject } = card;
  switch (subject.kind) {
    case "command":
      return <Command card={card} subject={subject} full={full} />;
    case "edit":
      return <Edit card={card} subject={subject} full={full} />;
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

type Of<K extends Subject["kind"]> = {
  readonly card: ApprovalCard;
  readonly subject: Subject & { readonly kind: K };
  readonly full: boolean;
};

function Command({ card, subject, full }: Of<"command">) {
  const [all, setAll] = useState(full);
  const { command, cwd } = subject;
  const part = excerpt(command, COMMAND);
  const lines = command.split("\n").length;
  return (
    <>
      <pre class="approval-command">
        {all || part.tail === undefined ? (
          <Revealed text={command} isCommand />
        ) : (
          <>
            <Revealed text={part.head} isCommand />
            <button type="button" class="left-out" onClick={() => setAll(true)}>
              {`Show ${plural(part.hiddenCharacters, "more character")}`}
            </button>
            <Revealed text={part.tail} isCommand />
          </>
        )}
      </pre>
      <p class="approval-place with-act">
        <span>
          in <Revealed text={cwd} />
          {(lines > 3 || command.length > LONG_COMMAND) &&
            ` · ${plural(lines, "line")}, ${plural(command.length, "character")}`}
        </span>
        <InTerminal tab={card.tab} callId={card.callId} />
      </p>
    </>
  );
}

function Edit({ card, subject, full }: Of<"edit">) {
  const { path, isNew, unsaved, added, removed, diff } = subject;
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
      <Diff lines={diff} full={full} />
    </>
  );
}
