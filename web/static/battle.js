// One battle: keys lead to neighbours and other views, and replies of judges are fetched when they are unfolded.
"use strict";
(function () {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    const link = document.querySelector(`.battle a[data-key="${CSS.escape(event.key)}"]`);
    if (!link) return;
    event.preventDefault();
    link.click();
  });

  const most = 100000; // letters that are shown; the link has all

  async function show(link) {
    const text = document.createElement("pre");
    text.dir = "auto";
    text.tabIndex = 0;
    text.textContent = "…";
    link.closest("p").after(text);
    try {
      const reply = await fetch(link.href, { headers: { Accept: "text/plain" } });
      const words = await reply.text();
      text.textContent = words.length > most ? words.slice(0, most) + "…" : words || "(nothing)";
    } catch {
      text.textContent = "It could not be fetched; the link above may still lead to it.";
    }
  }

  document.addEventListener("toggle", (event) => {
    const folded = event.target;
    if (!folded.open || !folded.matches("details.reply") || folded.dataset.shown) return;
    folded.dataset.shown = "1";
    for (const link of folded.querySelectorAll("a.fetch[href]")) show(link);
  }, true);
})();
