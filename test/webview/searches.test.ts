/** Reading calls as the view shows them: searches on one line, and a picture from the log. */
import assert from "node:assert/strict";
import { makePng } from "../support/png";
import * as b from "./harness/build";
import { describeView } from "./harness/suite";

const png = makePng(640, 200);
const image = { blob: "a".repeat(64), mediaType: "image/png", width: 640, height: 200, bytes: png.length } as const;
const read = { summary: "640×200", image };

describeView("reading calls", (stage) => {
  it("fold with the searches among them, each with what it has found", async () => {
    const { view } = stage();
    await view.show(
      b.snapshot({
        specs: [
          b.user("Where is it?"),
          b.call("a", "read_file", { path: "src/engine.ts" }),
          b.call("b", "search", { pattern: "function\\s+load\\w*\\(", globs: ["*.ts"], path: "src" }),
          b.call("c", "find_files", { globs: ["*.spec.ts", "!dist"] }),
          b.call("d", "read_output", { id: "0123456789ab", offset: 200 }),
          b.result("a", "read_file", "1\tx", { summary: "120 lines" }),
          b.result("b", "search", "src/a.ts\n1:x", { summary: "34 matches" }),
          b.result("c", "find_files", "a\nb", { summary: "12 files" }),
          b.result("d", "read_output", "1\tx", { summary: "500 lines" }),
        ],
      }),
    );
    const fold = view.page.locator(".reads-line");
    assert.equal((await fold.textContent())?.trim(), "Read 1 file, read 1 output, searched twice");
    await fold.click();
    const lines = await view.page.locator(".reads-list .tool-line").allTextContents();
    assert.deepEqual(
      lines.map((line) => line.replaceAll(/\s+/g, " ").trim()),
      [
        "Read src/engine.ts120 lines",
        "Searched for function\\s+load\\w*\\(34 matches",
        "Found *.spec.ts !dist12 files",
        "Read output 0123456789ab500 lines",
      ],
    );
  });

  it("show the picture that the model was given, from the log, in room that is kept for it", async () => {
    const { view, posted } = stage();
    const specs = [
      b.user("Look"),
      b.call("p", "read_file", { path: "docs/shot.png" }),
      b.result("p", "read_file", "[docs/shot.png]", read),
    ];
    await view.show(b.snapshot({ specs }));
    await view.page.getByRole("button", { name: "Show details" }).click();
    await view.show();
    assert.deepEqual(await posted("picture"), [{ type: "picture", tab: "t1", callId: "p" }]);
    const room = await view.page.locator(".picture").boundingBox();
    await view.show({ type: "picture", tab: "t1", callId: "p", data: png.toString("base64") });
    const picture = view.page.getByRole("img", { name: "docs/shot.png" });
    await picture.evaluate((img: HTMLImageElement) => img.decode());
    assert.deepEqual(
      await picture.evaluate((img: HTMLImageElement) => [img.naturalWidth, img.naturalHeight]),
      [640, 200],
    );
    assert.deepEqual(await picture.boundingBox(), room);
  });

  it("say so when the picture is not there any more", async () => {
    const { view } = stage();
    const gone = { ...read, image: { ...image, blob: "b".repeat(64) } };
    await view.show(
      b.snapshot({
        specs: [
          b.user("Look"),
          b.call("g", "read_file", { path: "a.png" }),
          b.result("g", "read_file", "[a.png]", gone),
        ],
      }),
    );
    await view.page.getByRole("button", { name: "Show details" }).click();
    await view.show({ type: "picture", tab: "t1", callId: "g" });
    assert.equal(await view.page.getByText("The picture is not there any more.").count(), 1);
  });
});
