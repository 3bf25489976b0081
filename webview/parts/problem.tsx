import type { ErrorAction, ErrorData, SystemData } from "../../src/chunks/rows";
import { assertNever } from "../../src/chunks/rows";
import { memo } from "../memo";
import { post } from "../vscode";
import { Icon } from "./icon";

type Props = {
  readonly row: number | undefined;
  readonly tab: string;
  readonly error: ErrorData;
  /** The turn ended with this error and can still be continued. */
  readonly resumable: boolean;
};

/** What happened in one sentence, what to do as a sentence and a button, the server's words behind *Details*. */
export const Problem = memo(({ row, tab, error, resumable }: Props) => {
  const { message, advice, action, details, statusCode, requestId } = error;
  const facts = [
    details,
    statusCode === undefined ? undefined : `Status ${statusCode}`,
    requestId === undefined ? undefined : `Request ${requestId}`,
  ].filter((fact) => fact !== undefined);
  const offered = action === "resume" ? undefined : action;
  return (
    <div class="problem" data-row={row}>
      <Icon name="error" />
      <div class="problem-text">
        <p dir="auto">{message}</p>
        {advice !== undefined && (
          <p class="dim" dir="auto">
            {advice}
          </p>
        )}
        {action !== undefined && (
          <div class="problem-buttons">
            {offered !== undefined && (
              <button type="button" class="button secondary" onClick={() => post({ type: "run", command: offered })}>
                {actionLabel(offered)}
              </button>
            )}
            {resumable && (
              <button type="button" class="button secondary" onClick={() => post({ type: "resume", tab })}>
                {error.retryable ? "Try again" : "Continue"}
              </button>
            )}
          </div>
        )}
        {facts.length > 0 && (
          <details>
            <summary>Details</summary>
            <pre>{facts.join("\n")}</pre>
          </details>
        )}
      </div>
    </div>
  );
});

/** What Dispatch itself has to say: a line between the agent's. */
export function Notice({ notice, row }: { readonly notice: SystemData; readonly row?: number | undefined }) {
  return (
    <p class="notice" dir="auto" data-row={row}>
      <Icon name={noticeIcon(notice)} /> {notice.text}
    </p>
  );
}

function actionLabel(action: Exclude<ErrorAction, "resume">): string {
  switch (action) {
    case "set-api-key":
      return "Set API key";
    case "open-settings":
      return "Open settings";
    case "show-log":
      return "Show log";
    default:
      return assertNever(action);
  }
}

function noticeIcon(notice: SystemData): string {
  switch (notice.kind) {
    case "cancelled":
      return "circle-slash";
    case "interrupted":
      return "warning";
    case "resumed":
      return "refresh";
    case "undone":
      return "discard";
    case "redone":
      return "redo";
    case "notice":
    case "model-changed":
    case "config-reload":
    case "compacted":
      return "info";
    default:
      return assertNever(notice.kind);
  }
}
