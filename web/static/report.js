// One section at a time, as the site has pages; without this all of them stand below each other.
(function () {
  "use strict";
  const sections = Array.from(document.querySelectorAll("main > section"));
  const links = Array.from(document.querySelectorAll("header nav a"));
  function show() {
    const name = location.hash.slice(1).split(/[?/]/)[0];
    const here = sections.find(s => s.id === name) || sections[0];
    for (const s of sections) s.classList.toggle("elsewhere", s !== here);
    for (const a of links) {
      if (a.hash === "#" + here.id) a.setAttribute("aria-current", "page");
      else a.removeAttribute("aria-current");
    }
  }
  addEventListener("hashchange", show);
  show();
})();
