/** One way to answer a question, with its keys. */

const isMac = /Mac/.test(navigator.platform);
export const allowKey = isMac ? "⌘⏎" : "Ctrl+Enter";
export const allKey = isMac ? "⌘⇧⏎" : "Ctrl+Shift+Enter";
export const denyKey = isMac ? "⌘⌫" : "Ctrl+Backspace";

/** @param props.ready a choice that is not can be reached all the same, so that it is known to be there. */
export function Choice(props: {
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
