import { Banners } from "./banners";
import { CloseQuestion } from "./close-question";
import { Composer } from "./composer";
import { Jobs } from "./jobs";
import { Pinned } from "./pinned";
import { Queue } from "./queue";
import { StatusLine } from "./status";
import { TabStrip } from "./tab-strip";
import { Todo } from "./todo";
import { Transcript } from "./transcript";

/** The frame: tab strip, transcript, what waits or warns, composer. */
export function App() {
  return (
    <>
      <TabStrip />
      <Transcript />
      <div class="dock">
        <Pinned />
        <CloseQuestion />
        <Banners />
        <Todo />
        <Jobs />
        <Queue />
        <Composer />
      </div>
      <StatusLine />
    </>
  );
}
