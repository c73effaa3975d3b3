"use strict";

// Votes by key and without a reload. Without this file the same forms work.
(() => {
  const calm = 400; // milliseconds in which a key that was pressed twice by mistake does not vote on the next pair, too
  const page = document.getElementById("vote");
  const said = document.getElementById("said");
  if (!page || !said) return;
  let busy = false;
  let since = 0;
  let last = ""; // key

  function now() { return document.getElementById("vote"); }

  function ready() {
    since = performance.now();
    const here = now();
    setTimeout(() => { here.dataset.ready = ""; }, calm);
  }

  function key(event) {
    if (event.key === " ") return "Space";
    return event.key.length === 1 ? event.key.toLowerCase() : event.key;
  }

  // Keys that something else has a use for are left to it.
  function taken(event) {
    const at = event.target;
    if (event.defaultPrevented || event.repeat || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return true;
    if (at.closest("input, select, textarea")) return true;
    if (event.key.startsWith("Arrow")) return at.closest(".pane") !== null;
    return event.key === " " && at.closest("a, button, summary, .pane") !== null;
  }

  document.addEventListener("keydown", (event) => {
    if (taken(event)) return;
    const wanted = key(event);
    const button = [...document.querySelectorAll("#choices button")].find((b) => b.dataset.keys.split(" ").includes(wanted));
    if (!button) return;
    event.preventDefault();
    if (busy || button.disabled || wanted === last && event.timeStamp - since < calm) return;
    last = wanted;
    button.click();
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!now().contains(form) || new URL(form.action).pathname !== "/vote") return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    now().setAttribute("aria-busy", "true");
    const fields = new URLSearchParams(new FormData(form));
    if (event.submitter) fields.set(event.submitter.name, event.submitter.value);
    try {
      const reply = await fetch(form.action, { method: "POST", body: fields });
      show(new DOMParser().parseFromString(await reply.text(), "text/html"));
    } catch {
      warn("The server does not answer, so nothing was saved. Press the same key again once it is back.");
    } finally {
      busy = false;
      now().removeAttribute("aria-busy");
    }
  });

  // show puts the page that followed in the place of this one.
  function show(next) {
    const part = next.getElementById("vote");
    if (!part) {
      const main = next.getElementById("main");
      warn("Nothing was saved. " + (main ? main.textContent.trim().replace(/\s+/g, " ") : "Reload the page."));
      return;
    }
    now().replaceWith(document.adoptNode(part));
    document.title = next.title;
    const word = part.querySelector(".voted");
    const place = part.querySelector(".place");
    said.textContent = [word && !word.classList.contains("bad") ? word.textContent : "", place ? place.textContent : ""].join(" ").trim();
    const first = part.querySelector("[autofocus]") || part.querySelector("h1");
    first.focus();
    scrollTo(0, 0);
    ready();
  }

  function warn(text) {
    let note = now().querySelector(".voted");
    if (!note) {
      note = document.createElement("p");
      now().querySelector("header").after(note);
    }
    note.className = "note bad voted";
    note.setAttribute("role", "alert");
    note.textContent = text;
  }

  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  ready();
})();
