// Keeps a page as the database is: when it changed, the page is fetched again and what differs is put in place, so that focus,
// scrolling and what is unfolded stay. It waits while somebody types, has chosen text or looks elsewhere. An element with
// data-kept is a script's own and left alone; <main data-still> is left alone as a whole. After a change the document gets the
// event "refreshed".
"use strict";
(function () {
  const main = document.getElementById("main");
  const run = location.pathname === "/run"; // it shows more of a report than that something changed
  const pause = 4000; // ms between two fetches at least, and ten times as long as one took
  let shown = main.dataset.mark; // what the page shows; "" where it tells of trouble
  let wanted = null; // what there is
  let next = 0; // when it may be fetched again
  let timer = 0;
  let fetching = false;
  let announced = 0;
  let stream = null;
  let polling = 0;

  function same(a, b) {
    return a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id || "") === (b.id || "");
  }

  // morph makes one node like another.
  function morph(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
      return;
    }
    if ("kept" in old.dataset || old.isEqualNode(fresh)) return;
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !(old.nodeName === "DETAILS" && name === "open")) old.removeAttribute(name);
    }
    for (const { name, value } of [...fresh.attributes]) {
      if (old.getAttribute(name) !== value && !(old.nodeName === "DETAILS" && name === "open")) old.setAttribute(name, value);
    }
    children(old, fresh);
  }

  function children(old, fresh) {
    let at = old.firstChild;
    for (const want of [...fresh.childNodes]) {
      if (want.id) {
        for (let c = at; c; c = c.nextSibling) {
          if (same(c, want)) { if (c !== at) old.insertBefore(c, at); at = c; break; }
        }
      }
      if (at && same(at, want)) {
        const here = at;
        at = at.nextSibling;
        morph(here, want);
      } else {
        old.insertBefore(document.importNode(want, true), at);
      }
    }
    while (at) { const gone = at; at = at.nextSibling; gone.remove(); }
  }

  function busy() {
    if (document.hidden || "still" in main.dataset) return true;
    const at = document.activeElement;
    if (at && main.contains(at) && at.matches("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]")) return true;
    const chosen = getSelection();
    return chosen && !chosen.isCollapsed && main.contains(chosen.anchorNode);
  }

  function tell(text) {
    if (Date.now() - announced < 30000) return;
    announced = Date.now();
    document.getElementById("told").textContent = text;
  }

  async function refresh() {
    const began = performance.now();
    fetching = true;
    try {
      const reply = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      const fresh = page.getElementById("main");
      if (!fresh || busy()) return;
      shown = fresh.dataset.mark;
      morph(main, fresh);
      document.title = page.title;
      document.dispatchEvent(new CustomEvent("refreshed"));
      tell("This page was updated.");
    } catch { /* nobody answers: the stream tells when somebody does again */ } finally {
      fetching = false;
      next = performance.now() + Math.max(pause, 10 * (performance.now() - began));
      plan();
    }
  }

  // The mark of a page begins with that of the database, and goes on with that of the prompt files.
  const current = () => wanted === null || (shown || "").startsWith(wanted + " ");

  // plan has the page fetched as soon as there is a reason and nothing against it.
  function plan() {
    clearTimeout(timer);
    if (fetching || current()) return;
    const wait = next - performance.now();
    if (wait <= 0 && !busy()) refresh();
    else timer = setTimeout(plan, Math.max(wait, 500));
  }

  function hear(report) {
    const live = document.getElementById("live");
    if (live) live.hidden = !report.live;
    const now = document.getElementById("now");
    if (now && report.now !== undefined && !busy()) {
      const fresh = new DOMParser().parseFromString("<section>" + report.now + "</section>", "text/html").body.firstChild;
      children(now, fresh);
    }
    wanted = report.mark;
    plan();
  }

  function poll() {
    clearInterval(polling);
    polling = setInterval(async () => {
      if (document.hidden) return;
      try { hear(await (await fetch("/now")).json()); } catch { /* the next one may come */ }
    }, 5000);
  }

  // A browser has few connections to a server: only the page that is looked at holds one.
  function listen() {
    if (document.hidden) {
      if (stream) stream.close();
      stream = null;
      return;
    }
    if (!window.EventSource) { poll(); return; }
    if (stream && stream.readyState !== EventSource.CLOSED) return;
    stream = new EventSource("/events" + (run ? "?now" : ""));
    stream.onmessage = e => { clearInterval(polling); hear(JSON.parse(e.data)); };
    stream.onerror = () => { if (stream && stream.readyState === EventSource.CLOSED) poll(); };
  }

  document.addEventListener("visibilitychange", () => { listen(); plan(); });
  addEventListener("pagehide", () => { if (stream) stream.close(); stream = null; });
  addEventListener("pageshow", e => { if (e.persisted) listen(); });
  listen();
})();
