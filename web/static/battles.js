// The list of battles by keys: j and k move, Enter opens what has the focus, / searches. A filter that changes shows its battles
// at once, and what is typed is searched for while it is typed; hits come as they are found.
"use strict";
(function () {
  const typing = e => /^(INPUT|SELECT|TEXTAREA)$/.test(e.tagName) || e.isContentEditable;
  const visible = a => !a.closest("[hidden]");
  const rows = () => Array.from(document.querySelectorAll(".bouts .open, .hits .open")).filter(visible);
  const form = document.querySelector("form.sieve"), field = document.getElementById("q");
  if (!form || !field) return;

  document.addEventListener("keydown", e => {
    if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target)) return;
    if (e.key === "/") {
      e.preventDefault();
      field.focus();
      field.select();
    } else if (e.key === "j" || e.key === "k") {
      const all = rows(), step = e.key === "j" ? 1 : -1, at = all.indexOf(document.activeElement);
      const to = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
      if (all[to]) all[to].focus();
      else if (at >= 0) {
        const turn = document.querySelector(".pager a[rel=" + (step > 0 ? "next" : "prev") + "]");
        if (turn && visible(turn)) turn.click();
      }
    }
  });

  // What is empty, or as it is anyway, makes addresses long and says nothing.
  const asked = () => {
    const all = new URLSearchParams();
    for (const [name, value] of new FormData(form)) all.append(name, value);
    return all;
  };
  form.addEventListener("formdata", e => {
    const all = Array.from(e.formData);
    const places = all.filter(([name]) => name === "in").length;
    for (const [name, value] of all) if (value === "") e.formData.delete(name);
    if (!field.value.trim() || places === form.querySelectorAll("[name=in]").length) e.formData.delete("in");
  });
  form.addEventListener("change", e => {
    if (e.target.name === "in") { if (field.value.trim()) begin(); } else if (e.target !== field) form.requestSubmit();
  });

  // Search.
  const found = document.querySelector(".found");
  if (!found) return; // a report has a search of its own
  const list = found.querySelector(".hits"), state = document.getElementById("search-state");
  const main = document.getElementById("main");
  const others = () => Array.from(main.querySelectorAll(":scope > .bouts, :scope > .pager, :scope > .count, :scope > .note"));
  let running = null, waiting = 0;
  const stop = () => { if (running) running.abort(); running = null; clearTimeout(waiting); };
  const show = on => { found.hidden = !on; for (const e of others()) e.hidden = on; main.toggleAttribute("data-still", on); };
  if (!found.hidden) main.toggleAttribute("data-still", true); // what was found stays while a run goes on
  const more = document.createElement("button");
  more.type = "button";
  more.textContent = "Go on";
  const link = document.getElementById("search-more");
  const holder = found.querySelector("p:last-child");
  if (link) link.addEventListener("click", e => { e.preventDefault(); link.remove(); run(new URL(link.href).searchParams.get("from")); });
  const span = (text, cls, dir) => {
    const s = document.createElement("span");
    s.textContent = text;
    if (cls) s.className = cls;
    if (dir) s.dir = "auto";
    return s;
  };
  const add = hit => {
    const li = document.createElement("li"), a = document.createElement("a"), words = document.createElement("span"), mark = document.createElement("mark");
    li.className = "hit";
    a.className = "open";
    a.href = hit.page;
    words.dir = "auto";
    mark.textContent = hit.match;
    words.append(hit.before, mark, hit.after);
    a.append(words);
    const about = span("", "soft small");
    about.append(span(hit.where, "tag", true), " ", span(hit.left, "", true), " · ", span(hit.right, "", true), " " + (hit.more || ""));
    li.append(a, "\n", about);
    list.append(li);
  };
  const n = x => x.toLocaleString("en");
  const tell = (s, before) => {
    const hits = s.hits + before, texts = hits === 1 ? " text" : " texts", text = "“" + field.value.trim() + "”";
    if (s.end === "all") state.textContent = hits ? n(hits) + texts + " with " + text + "; that is all." : text + " stands in none of the texts.";
    else if (s.end === "enough") state.textContent = n(hits) + texts + " with " + text + " in the first " + n(s.looked) + " of " + n(s.of) + " prompts; the search rests here.";
    else state.textContent = "Searching: " + n(s.looked) + " of " + n(s.of) + " prompts, " + n(hits) + texts + ".";
  };
  async function run(from) {
    stop();
    const mine = running = new AbortController(), before = list.children.length;
    const query = asked();
    query.set("q", field.value.trim());
    if (from) query.set("from", from);
    more.remove();
    state.textContent = "Searching…";
    try {
      const reply = await fetch("/battles/search?" + query, { signal: mine.signal, headers: { Accept: "application/x-ndjson" } });
      if (!reply.ok) throw new Error((await reply.text()).trim());
      const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "", last = null;
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        const lines = (rest + value).split("\n");
        rest = lines.pop();
        for (const line of lines) {
          const said = JSON.parse(line);
          if (said.hit) add(said.hit);
          else { last = said.state; tell(last, before); }
        }
      }
      if (!last || !last.end) throw new Error("The search broke off.");
      if (last.end === "enough") {
        more.onclick = () => run(last.from);
        holder.append(more);
      }
    } catch (err) {
      if (err.name !== "AbortError") state.textContent = err.message;
    }
  }
  const begin = () => {
    list.replaceChildren();
    if (link) link.remove();
    show(true);
    const query = asked();
    history.replaceState(null, "", location.pathname + "?" + query);
    run("");
  };
  field.addEventListener("input", () => {
    stop();
    if (field.value.trim()) waiting = setTimeout(begin, 250);
    else if (others().length) { show(false); history.replaceState(null, "", location.pathname + "?" + asked()); }
    else form.requestSubmit();
  });
  addEventListener("pagehide", stop);
})();
