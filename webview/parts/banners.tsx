import type { Banner } from "../../src/chunks/protocol";
import { view } from "../state";
import { post } from "../vscode";
import { Icon, IconButton } from "./icon";

/** Lines that stay above the composer until their cause is gone. */
export function Banners() {
  const setup = view.value.setup;
  return (
    <>
      {setup?.banners.map((banner) => (
        <BannerLine key={banner.id} banner={banner} />
      ))}
      {setup?.demo === true && (
        <p class="banner banner-info demo">
          <Icon name="info" />
          <span>Demo model: its answers are scripted and it works offline.</span>
        </p>
      )}
    </>
  );
}

function BannerLine({ banner }: { readonly banner: Banner }) {
  const { id, severity, message, action, dismissible } = banner;
  return (
    <div class={`banner banner-${severity}`} role={severity === "error" ? "alert" : undefined}>
      <Icon name={severity} />
      <span dir="auto">{message}</span>
      {action !== undefined && (
        <button type="button" class="text-button" onClick={() => post({ type: "run", command: action.command })}>
          {action.label}
        </button>
      )}
      {dismissible === true && (
        <IconButton icon="close" label="Dismiss" onClick={() => post({ type: "dismiss", banner: id })} />
      )}
    </div>
  );
}
