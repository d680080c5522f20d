// What is on a page that no page of ours has: the marks of markup that came in from outside. As sentences.
() => {
  const faults = new Set();
  const own = (address) => ["", "http:", "https:", "mailto:", "blob:"].includes(new URL(address, location.href).protocol);
  const isHere = (address) => new URL(address, location.href).origin === location.origin || /^(data|blob):/.test(address);
  const EMPTY_OF_OURS = "iframe, frame, object, embed, applet, base, math, marquee, audio, plaintext, xmp, x-y, style";
  const roots = [document, ...[...document.querySelectorAll("template")].map((each) => each.content)];
  for (const element of roots.flatMap((root) => [...root.querySelectorAll("*")])) {
    const shown = element.outerHTML.slice(0, 120);
    if (element.matches(EMPTY_OF_OURS)) faults.add(`an element of nobody's: ${shown}`);
    if (element.matches("script:not([src]):not([type='application/json'])")) faults.add(`an inline script: ${shown}`);
    for (const { name, value } of element.attributes) {
      if (name.startsWith("on")) faults.add(`a handler: ${shown}`);
      if (["href", "src", "action", "formaction", "xlink:href", "poster", "data"].includes(name) && !own(value)) {
        faults.add(`an address: ${shown}`);
      }
    }
    const loads = element.matches("script, img, link, source, video") && (element.getAttribute("src") ?? element.getAttribute("href"));
    if (loads && !isHere(loads)) faults.add(`loaded from elsewhere: ${shown}`);
    if (element.matches("meta[http-equiv]")) faults.add(`a header: ${shown}`);
    if (element.matches("form[action]") && !isHere(element.getAttribute("action"))) faults.add(`a form: ${shown}`);
  }
  if (window.__ran) faults.add("a script ran");
  return [...faults];
}
