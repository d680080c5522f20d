// Answers, as JSON, what the client makes of the samples that tests/js/test_parity.py asks the server's code about.
import { fit } from "../../chat/static/chat/js/ui/attachments.js";
import { badgeOf, sizeText } from "../../chat/static/chat/js/ui/file_text.js";
import { isJumbo, mayHaveMarkup, preview } from "../../chat/static/chat/js/ui/content.js";
import { facelessPicture } from "../../chat/static/chat/js/ui/people.js";
import { Words } from "../../chat/static/chat/js/ui/text.js";
import { Times } from "../../chat/static/chat/js/ui/times.js";

const { names, texts, moments, now, zone, locale, files = [] } = JSON.parse(process.argv[2]);
const times = new Times(new Words({ time_just_now: "just now" }, locale), locale, zone, () => now);

console.log(
  JSON.stringify({
    pictures: names.map((name) => facelessPicture(name, name)),
    jumbo: texts.map(isJumbo),
    markup: texts.map(mayHaveMarkup),
    previews: texts.map((text) => preview(text)),
    days: moments.map((at) => [times.dayKey(at), times.dayHeading(at)]),
    files: files.map(({ name, size, width, height }) => [badgeOf(name), sizeText(size), fit(width, height)]),
    times: moments.map((at) => [times.clock(at), times.short(at)]),
  }),
);
