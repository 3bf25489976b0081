import type { ComponentChildren } from "preact";
import type { LinkTarget } from "../text/links";
import { post } from "../vscode";

/**
 * A link that the host opens. It has no address of its own, so that nothing but this handler can follow it; the
 * tooltip shows the whole target first.
 */
export function Link({ target, children }: { readonly target: LinkTarget; readonly children: ComponentChildren }) {
  const open = (event: Event) => {
    event.stopPropagation();
    event.preventDefault();
    follow(target);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an anchor with an address would be followed by the editor's page itself
    <span
      role="link"
      tabIndex={0}
      class="link"
      title={titleOf(target)}
      onClick={open}
      onKeyDown={(event) => {
        if (event.key === "Enter") {
          open(event);
        }
      }}
    >
      {children}
    </span>
  );
}

function follow(target: LinkTarget): void {
  if (target.kind === "web") {
    post({ type: "openLink", href: target.href });
  } else {
    post({ type: "openFile", path: target.path, ...(target.line === undefined ? {} : { line: target.line }) });
  }
}

function titleOf(target: LinkTarget): string {
  return target.kind === "web" ? target.href : target.path + (target.line === undefined ? "" : `:${target.line}`);
}
