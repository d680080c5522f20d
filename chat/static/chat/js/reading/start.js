/**
 * What reading a conversation has beyond its rows, loaded as one when the page is idle.
 *
 * @typedef {import("../ui/conversation.js").Parts & import("../ui/conversation.js").View} View
 */

import { Code } from "./code.js";
import { Dates } from "./dates.js";
import { Folds } from "./folds.js";
import { Jumps } from "./jumps.js";
import { LongTexts } from "./long_texts.js";
import { Mentions } from "./mentions.js";
import { Recalled } from "./recalled.js";
import { listenForSheets } from "./sheet.js";

/** @param {View} view every listener on anything that outlives the conversation ends with its `signal` */
export function startReading(view) {
  const jumps = new Jumps(view);
  new Dates(view, jumps);
  new Mentions(view, jumps);
  new Recalled(view);
  listenForSheets(view);
  const decorations = [new Folds(view), new Code(view), new LongTexts(view)];
  const decorate = () => {
    const todo = decorations.flatMap((each) => each.look());
    if (todo.length > 0) view.keeper.change(() => todo.forEach((change) => change()));
  };
  view.timeline.on("changed", decorate);
  decorate();
  performance.mark("reading"); // from here on all of it is there
}
