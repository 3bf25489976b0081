/** Small acts on what they stand beside. */
import { post } from "../vscode";

/** @param props.name for screen readers, where the label alone does not say what it concerns. It begins with the label. */
export function TextButton(props: { readonly label: string; readonly name?: string; readonly onClick: () => void }) {
  const { label, name, onClick } = props;
  return (
    <button type="button" class="text-button" aria-label={name} onClick={onClick}>
      {label}
    </button>
  );
}

/** The command of this call goes to a terminal of the person, typed and not run. */
export function InTerminal({ tab, callId }: { readonly tab: string; readonly callId: string }) {
  return <TextButton label="Open in terminal" onClick={() => post({ type: "openTerminal", tab, callId })} />;
}
