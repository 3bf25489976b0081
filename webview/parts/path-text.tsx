/** A path gives way in its folders, so that the file's name stays readable. @param props.range lines, behind the name. */
export function PathText({ path, range = "" }: { readonly path: string; readonly range?: string }) {
  const cut = path.lastIndexOf("/") + 1;
  return (
    <span class="path" dir="ltr">
      <span class="path-folders">{path.slice(0, cut)}</span>
      <span class="path-name">{path.slice(cut) + range}</span>
    </span>
  );
}
