// Puts the reader in the right place before the first paint: at the linked message, at the first unread one, or at the
// end. A plain script right after the timeline, for a module would come one paint too late; ui/conversation.js goes on.
(() => {
  const scroller = document.getElementById("scroller");
  if (!scroller) return;
  const target = scroller.querySelector(location.hash.match(/^#m\d+$/) ? location.hash : ".row.target");
  const line = document.getElementById("unread-line");
  const top = scroller.getBoundingClientRect().top;
  if (scroller.classList.contains("from-top")) scroller.scrollTop = 0;
  else if (target) {
    const box = target.getBoundingClientRect();
    scroller.scrollTop += box.top - top - Math.max(0, (scroller.clientHeight - box.height) / 2);
  } else if (line) {
    scroller.scrollTop += line.getBoundingClientRect().top - top - scroller.clientHeight / 4;
  } else {
    scroller.scrollTop = scroller.scrollHeight;
  }
})();
