/** The image that the model was shown. Its bytes come from the log, never from the network. */
import { useEffect } from "preact/hooks";
import type { ResultImage } from "../../src/chunks/rows";
import { pictures } from "../state";
import { post } from "../vscode";

type Props = { readonly tab: string; readonly callId: string; readonly image: ResultImage; readonly name: string };

export function Picture({ tab, callId, image, name }: Props) {
  const data = pictures.value.get(image.blob);
  const isMissing = data === undefined;
  useEffect(() => {
    if (isMissing) post({ type: "picture", tab, callId });
  }, [tab, callId, isMissing]);
  const { width, height, mediaType } = image;
  if (data === "") return <p class="dim">The picture is not there any more.</p>;
  // Its room is kept while it is on its way, so that nothing jumps.
  return (
    <div class="tool-picture">
      {isMissing ? (
        <svg class="picture" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true" />
      ) : (
        <img class="picture" width={width} height={height} alt={name} src={`data:${mediaType};base64,${data}`} />
      )}
    </div>
  );
}
