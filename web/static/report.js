// A report is one file: its parts are shown one at a time, as the site has pages, and what stands behind # says which one.
// Without this all of them stand below each other, but for battles.
"use strict";
(function () {
  const sections = Array.from(document.querySelectorAll("main > section"));
  const links = Array.from(document.querySelectorAll("header nav a"));
  function show() {
    const name = location.hash.slice(1).split(/[?/]/)[0];
    const here = sections.find(s => s.id === name) || sections[0];
    for (const s of sections) {
      s.classList.toggle("elsewhere", s !== here);
      if (s === here) s.hidden = false;
    }
    const part = here.id === "battle" ? "battles" : here.id;
    for (const a of links) {
      if (a.hash === "#" + part) a.setAttribute("aria-current", "page");
      else a.removeAttribute("aria-current");
    }
    here.dispatchEvent(new CustomEvent("shown"));
    if (here.id !== name || !location.hash.includes("?")) scrollTo(0, 0);
  }
  addEventListener("hashchange", show);
  addEventListener("DOMContentLoaded", show);
})();
