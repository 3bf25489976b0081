/** A glyph of the codicon font; style/icons.css knows the names. Says nothing to screen readers. */
export function Icon({ name, spin = false }: { readonly name: string; readonly spin?: boolean }) {
  return <span class={`icon icon-${name}${spin ? " spin" : ""}`} aria-hidden="true" />;
}

/** A button that shows a glyph alone. `label` is its name and its tooltip. */
export function IconButton(props: {
  readonly icon: string;
  readonly label: string;
  readonly onClick: () => void;
  readonly expanded?: boolean;
}) {
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={props.label}
      title={props.label}
      aria-expanded={props.expanded}
      onClick={(event) => {
        event.stopPropagation();
        props.onClick();
      }}
    >
      <Icon name={props.icon} />
    </button>
  );
}
