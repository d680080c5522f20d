// What a look at a page would find wrong (UX §11: M7, M47), as sentences. Evaluated in the page, as it stands.
() => {
  const SLACK_PX = 1.5; // rounding, and borders that overlap by one
  const name = (element) => {
    const id = element.id ? `#${element.id}` : "";
    const classes = [...element.classList].map((each) => `.${each}`).join("");
    const said = (element.innerText || element.getAttribute("aria-label") || "").trim().slice(0, 30);
    return `<${element.localName}${id}${classes}>${said && ` “${said}”`}`;
  };
  const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const overflow = (element, axis) => getComputedStyle(element)[`overflow${axis}`];
  const isHiddenFromEyes = (element) => element.closest(".vh, [aria-hidden=true], .visually-hidden, .skip") !== null;
  const faults = new Set();

  // Nothing is wider than the page, or than a part that scrolls only downwards.
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth + SLACK_PX) faults.add(`the page scrolls sideways: ${root.scrollWidth} of ${innerWidth}`);
  for (const element of document.querySelectorAll("body, body *")) {
    if (!isShown(element) || element.scrollWidth <= element.clientWidth + SLACK_PX) continue;
    const scrolls = ["auto", "scroll"].includes(overflow(element, "X"));
    // What is made to scroll sideways can be reached by the keyboard or holds links; a column of text is not.
    const isMeantTo = element.matches("pre, textarea, input, select, [data-scrolls-sideways], nav, nav *, .results, .emojis");
    if (scrolls && overflow(element, "Y") !== "hidden" && !isMeantTo) {
      faults.add(`scrolls sideways: ${name(element)} ${element.scrollWidth} of ${element.clientWidth}`);
    }
  }

  // All text is within what cuts it off, unless it ends in an ellipsis or can be scrolled to.
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const holder = node.parentElement;
    if (!node.data.trim() || holder.closest("script, style, template, noscript, svg, option, textarea")) continue;
    if (!isShown(holder) || isHiddenFromEyes(holder)) continue;
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    let [sideways, downwards] = [true, true];
    for (let around = holder; around && (sideways || downwards); around = around.parentElement) {
      const style = getComputedStyle(around);
      const edge = around.getBoundingClientRect();
      if (style.display === "inline") continue;
      if (parseFloat(style.textIndent) < -999) sideways = downwards = false; // an icon stands for it
      if (around.matches(".row .text") && around.closest(".row").querySelector(".more-text")) downwards = false; // folded
      if (style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none") sideways = downwards = false;
      if (["auto", "scroll"].includes(style.overflowX)) sideways = false;
      if (["auto", "scroll"].includes(style.overflowY)) downwards = false;
      const cuts = (axis) => ["hidden", "clip"].includes(axis);
      if (sideways && cuts(style.overflowX) && (box.right > edge.right + SLACK_PX || box.left < edge.left - SLACK_PX)) {
        faults.add(`cut off sideways by ${name(around)}: “${node.data.trim().slice(0, 40)}”`);
      }
      if (downwards && cuts(style.overflowY) && (box.bottom > edge.bottom + 3 || box.top < edge.top - 3)) {
        faults.add(`cut off below by ${name(around)}: “${node.data.trim().slice(0, 40)}”`);
      }
      if (style.position === "fixed") break;
    }
    if (sideways && (box.right > innerWidth + SLACK_PX || box.left < -SLACK_PX)) {
      faults.add(`beside the screen: “${node.data.trim().slice(0, 40)}” in ${name(holder)}`);
    }
  }

  // What can be pressed does not lie on anything else that can be pressed.
  const visibleBox = (element) => {
    const box = element.getBoundingClientRect();
    let [left, top, right, bottom] = [box.left, box.top, box.right, box.bottom];
    for (let around = element.parentElement; around; around = around.parentElement) {
      if (overflow(around, "X") === "visible" && overflow(around, "Y") === "visible") continue;
      const edge = around.getBoundingClientRect();
      [left, top] = [Math.max(left, edge.left), Math.max(top, edge.top)];
      [right, bottom] = [Math.min(right, edge.right), Math.min(bottom, edge.bottom)];
    }
    return { left: Math.max(left, 0), top, right: Math.min(right, innerWidth), bottom };
  };
  const PRESSED = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=menuitem]";
  const controls = [...document.querySelectorAll(PRESSED)]
    .filter((element) => isShown(element) && !isHiddenFromEyes(element))
    .filter((element) => !element.closest("#content .selector")) // Django's picker of permissions, whose buttons touch
    .map((element) => ({ element, box: visibleBox(element) }))
    .filter(({ box }) => box.right - box.left > 2 && box.bottom - box.top > 2);
  const top = (element) => element.closest("[popover], dialog, .menu") ?? null;
  controls.forEach((one, index) => {
    for (const other of controls.slice(index + 1)) {
      if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
      if (top(one.element) !== top(other.element)) continue;
      const width = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const height = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      if (width <= SLACK_PX || height <= SLACK_PX) continue;
      // A button inside the end of its own field is meant so, and floats keep their place above what scrolls.
      const inItsField = (field, button) => field.matches("input") && field.parentElement === button.parentElement;
      if (inItsField(one.element, other.element) || inItsField(other.element, one.element)) continue;
      const floats = (element) => element.closest(".pills, .pill, .day, .toast") !== null;
      if (floats(one.element) || floats(other.element)) continue;
      faults.add(`${name(one.element)} and ${name(other.element)} overlap by ${Math.round(width)}×${Math.round(height)}`);
    }
  });
  for (const { element, box } of controls) {
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    if (y < 0 || y > innerHeight) continue;
    const hit = document.elementFromPoint(x, y);
    if (!hit || element.contains(hit) || hit.contains(element)) continue;
    const label = hit.closest("label");
    if (label && [...(element.labels ?? [])].includes(label)) continue;
    if (hit.closest(".pills, .pill, .day, .toast, [popover], dialog, .menu, .conn")) continue;
    if (getComputedStyle(element).display !== "inline") faults.add(`${name(element)} is covered by ${name(hit)}`);
  }
  return [...faults];
}
