/** What an edit has changed, in a few lines, and the ways to see all of it and to take it back. */
import { useMemo, useState } from "preact/hooks";
import type { ChangedFile } from "../../src/chunks/protocol";
import { editPreview } from "../edit-preview";
import type { ToolView } from "../items";
import { noUndo, undoneCalls } from "../state";
import { revealText } from "../text/reveal";
import { post } from "../vscode";
import { plural } from "../words";
import { Icon } from "./icon";
import { Link } from "./link";
import { PathText } from "./path-text";

/** Under the line of a finished edit. */
export function EditDone({ tab, tool }: { readonly tab: string; readonly tool: ToolView }) {
  const { callId, name, argumentsText, result } = tool;
  const path = result?.edit?.path ?? "";
  const isUndone = undoneCalls.value.has(callId);
  const preview = useMemo(
    () => editPreview(name, argumentsText, result?.edit?.created === true),
    [name, argumentsText, result],
  );
  const openDiff = () => post({ type: "openDiff", tab, callId });
  return (
    <div class="edit" data-undone={isUndone}>
      {preview !== undefined && !isUndone && (
        <div class="edit-preview" dir="ltr">
          {preview.lines.map(({ kind, text }) =>
            kind === "gap" ? (
              <div class="diff-gap">⋯</div>
            ) : (
              <div class={`diff-line diff-${kind}`}>
                <span class="diff-sign">{kind === "add" ? "+" : "−"}</span>
                <span class="diff-text">{revealText(text)}</span>
              </div>
            ),
          )}
          {preview.more > 0 && <div class="diff-gap">{plural(preview.more, "more line")}</div>}
        </div>
      )}
      <p class="edit-foot">
        {isUndone && <span class="undone-word">Undone</span>}
        <Act label="Open diff" name={`Open diff of ${path}`} onClick={openDiff} />
        <UndoOrRedo tab={tab} calls={[callId]} isUndone={isUndone} name={path} />
      </p>
    </div>
  );
}

/** At the end of a turn: the files that it has changed. */
export function TurnFiles(props: {
  readonly tab: string;
  readonly turnId: string;
  readonly files: readonly ChangedFile[];
}) {
  const { tab, turnId, files } = props;
  const calls = files.flatMap((file) => file.calls);
  const undone = files.flatMap((file) => file.undone);
  const isUndone = undone.length === calls.length;
  const [added, removed] = [sum(files.map((file) => file.added)), sum(files.map((file) => file.removed))];
  return (
    <section class="turn-files" aria-label="Changed files">
      <p class="turn-files-head">
        <span>
          <Icon name="diff-multiple" /> {plural(files.length, "file")} changed{" "}
          <Counts added={added} removed={removed} />
        </span>
        <span class="edit-acts">
          <Act label="Review all" onClick={() => post({ type: "openChanges", tab, turnId })} />
          <UndoOrRedo
            tab={tab}
            calls={isUndone ? calls : calls.filter((id) => !undone.includes(id))}
            isUndone={isUndone}
            all
          />
        </span>
      </p>
      <ul class="turn-files-list">
        {files.map((file) => (
          <FileLine key={file.path} tab={tab} file={file} />
        ))}
      </ul>
    </section>
  );
}

function FileLine({ tab, file }: { readonly tab: string; readonly file: ChangedFile }) {
  const { path, created, added, removed, calls, undone } = file;
  const isUndone = undone.length === calls.length;
  const left = isUndone ? calls : calls.filter((id) => !undone.includes(id));
  return (
    <li class="turn-file" data-undone={isUndone}>
      <Link target={{ kind: "file", path }}>
        <PathText path={revealText(path)} />
      </Link>
      <Counts added={added} removed={removed} />
      {created && !isUndone && <span class="dim">new</span>}
      {undone.length > 0 && <span class="undone-word">{isUndone ? "undone" : "partly undone"}</span>}
      <span class="edit-acts">
        <UndoOrRedo tab={tab} calls={left} isUndone={isUndone} name={path} />
      </span>
    </li>
  );
}

function Counts({ added, removed }: { readonly added: number; readonly removed: number }) {
  return (
    <span class="counts">
      <span class="added">+{added}</span> <span class="removed">−{removed}</span>
    </span>
  );
}

/** The second click of a double click must not take back what the first has done: the other act stands in its place then. */
const REST_MS = 700;

function UndoOrRedo(props: {
  readonly tab: string;
  readonly calls: readonly string[];
  readonly isUndone: boolean;
  /** What it concerns, for screen readers. */
  readonly name?: string;
  readonly all?: boolean;
}) {
  const { tab, calls, isUndone, name, all } = props;
  const [isResting, setResting] = useState(false);
  const label = `${isUndone ? "Redo" : "Undo"}${all ? " all" : ""}`;
  return (
    <Act
      label={label}
      name={name === undefined ? label : `${label} the edit of ${name}`}
      problem={noUndo.value}
      onClick={() => {
        if (isResting) return;
        setResting(true);
        setTimeout(() => setResting(false), REST_MS);
        post({ type: isUndone ? "redoEdits" : "undoEdits", tab, calls });
      }}
    />
  );
}

function Act(props: {
  readonly label: string;
  readonly name?: string;
  /** Why it can't be done now, in a sentence. */
  readonly problem?: string | undefined;
  readonly onClick: () => void;
}) {
  const { label, name, problem, onClick } = props;
  return (
    <button
      type="button"
      class="text-button"
      aria-label={name}
      aria-disabled={problem !== undefined}
      aria-description={problem}
      title={problem}
      onClick={() => problem === undefined && onClick()}
    >
      {label}
    </button>
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
