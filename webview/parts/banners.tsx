import type { Banner, Setup } from "../../src/chunks/protocol";
import { assertNever } from "../../src/chunks/rows";
import { activeView, view } from "../state";
import { post } from "../vscode";
import { Icon, IconButton } from "./icon";

/** Lines that stay above the composer until their cause is gone. */
export function Banners() {
  const setup = view.value.setup;
  const hasRows = (activeView.value?.rows.length ?? 0) > 0;
  return (
    <>
      {setup !== undefined &&
        hasRows &&
        keyBanners(setup).map((banner) => <BannerLine key={banner.id} banner={banner} />)}
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

/** An empty tab shows this step itself. */
function keyBanners({ key }: Setup): readonly Banner[] {
  switch (key.kind) {
    case "ready":
      return [];
    case "missing": {
      const action = { label: "Set API key", command: "set-api-key" } as const;
      return [{ id: "no-key", severity: "warning", message: "There is no key for the model yet.", action }];
    }
    case "settings": {
      const action = { label: "Open settings", command: "open-settings" } as const;
      return [{ id: "settings", severity: "error", message: key.message, action }];
    }
    default:
      return assertNever(key);
  }
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
