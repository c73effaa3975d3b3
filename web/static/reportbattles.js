// The battles of a report: a list with filters and a search, and one battle at a time, from the list and the packs that
// stand in the file. Texts of others become text, or copies of what stands there.
"use strict";
(function () {
  const data = document.getElementById("list");
  if (!data) return;
  const pageSize = 50;
  const byId = id => document.getElementById(id);
  const list = JSON.parse(data.textContent);
  const label = side => {
    const [, model, sample] = list.sides[side];
    const several = list.sides.some(s => s[1] === model && s[2] !== sample);
    return list.models[model] + (several ? ", sample " + (sample + 1) : "");
  };
  const battles = list.battles.map(b => {
    const [prompt, a, b2, outcome, disagree, people] = b;
    const said = [];
    for (let i = 6; i < b.length; i += 5) said.push({ judge: b[i], order: b[i + 1], state: b[i + 2], level: b[i + 3], flags: b[i + 4] });
    return { prompt, a, b: b2, outcome, disagree, people, said };
  });
  const address = b => list.prompts[b.prompt][0] + "/" + list.sides[b.a][0] + "/" + list.sides[b.b][0];

  // Filters. Who won is seen from the model that is asked for, else from the first one.
  const form = byId("filters"), found = byId("found"), pager = document.querySelector("#battles .pager");
  let query = new URLSearchParams(), chosen = battles, page = 0;
  const wants = (name, value) => !query.get(name) || query.get(name) === value;
  const flips = said => said.some(v => v.order === 0 && v.state &&
    said.some(w => w.order === 1 && w.state && w.judge === v.judge && Math.sign(w.level) !== Math.sign(v.level)));
  function wanted(b) {
    let [x, y] = [list.models[list.sides[b.a][1]], list.models[list.sides[b.b][1]]];
    let model = query.get("model"), vs = query.get("vs");
    if (!model) [model, vs] = [vs, null];
    if (model && !(x === model && (!vs || y === vs) || y === model && (!vs || x === vs))) return false;
    const back = model && x !== model;
    const outcome = list.outcomes[b.outcome], won = back && { won: "lost", lost: "won" }[outcome] || outcome;
    const [, dataset, category] = list.prompts[b.prompt];
    if (!wants("dataset", list.datasets[dataset]) || !wants("category", category || list.none) || !wants("outcome", won)) return false;
    if (!wants("votes", b.people === 0 ? "none" : b.people === b.outcome ? "agree" : "differ")) return false;
    if (query.get("disagree") && !b.disagree) return false;
    const judge = query.get("judge"), verdict = query.get("verdict"), flag = query.get("flag");
    const said = b.said.filter(v => !judge || list.judges[v.judge] === judge);
    return (!judge || said.length > 0) && (!query.get("flip") || flips(said)) &&
      (!verdict || said.some(v => list.verdicts[v.state ? (back ? -v.level : v.level) + 2 : 5] === verdict)) &&
      (!flag || said.some(v => v.flags & 1 << list.flags.indexOf(flag)));
  }

  // A pack is markup that is parsed when it is wanted: all of them at once would keep the page from opening. The document that
  // it becomes runs and loads nothing.
  const packs = new Map();
  function pack(prompt) {
    if (!packs.has(prompt)) {
      const markup = byId("p-" + list.prompts[prompt][0]);
      packs.set(prompt, markup && new DOMParser().parseFromString(markup.textContent, "text/html").body);
    }
    return packs.get(prompt);
  }

  // Search: a text is looked for in what stands in the packs, some of them at a time, so that a key is never late.
  const texts = new Map();
  function textOf(prompt) {
    if (!texts.has(prompt)) {
      const p = pack(prompt);
      texts.set(prompt, p ? p.textContent.toLowerCase() : "");
    }
    return texts.get(prompt);
  }
  let searching = 0;
  function search() {
    const run = ++searching, words = (query.get("q") || "").toLowerCase();
    const all = battles.filter(wanted);
    if (!words) { chosen = all; draw(); return; }
    chosen = [];
    let i = 0;
    (function some() {
      if (run !== searching) return;
      const until = performance.now() + 20;
      for (; i < all.length && performance.now() < until; i++) {
        if (inPair(all[i], words)) chosen.push(all[i]);
      }
      draw(i < all.length);
      if (i < all.length) setTimeout(some);
    })();
  }
  // inPair looks into the prompt, the two answers and what was said of them.
  function inPair(b, words) {
    if (!textOf(b.prompt).includes(words)) return false;
    return parts(b).some(p => p && p.textContent.toLowerCase().includes(words));
  }
  function parts(b) {
    const p = pack(b.prompt);
    if (!p) return [];
    const of = s => p.querySelector(`[data-side="${list.sides[s][0]}"]`);
    return [p.querySelector(".pack-prompt"), of(b.a), of(b.b),
      p.querySelector(`[data-battle="${list.sides[b.a][0]}/${list.sides[b.b][0]}"]`)];
  }

  // The list: rows are copies of what the packs hold.
  function draw(more) {
    const pages = Math.max(1, Math.ceil(chosen.length / pageSize));
    page = Math.min(page, pages - 1);
    found.textContent = (more ? "Searching … " : "") + chosen.length.toLocaleString("en") + " of " + battles.length.toLocaleString("en") + " battles" +
      (pages > 1 ? ", page " + (page + 1) + " of " + pages.toLocaleString("en") : "") + ".";
    const rows = document.createElement("ol");
    rows.className = "bouts";
    for (const b of chosen.slice(page * pageSize, (page + 1) * pageSize)) rows.append(row(b).cloneNode(true));
    document.querySelector("#battles .bouts").replaceWith(rows);
    pager.hidden = pages === 1;
    for (const [rel, to] of [["prev", page - 1], ["next", page + 1]]) {
      const a = pager.querySelector("[rel=" + rel + "]");
      a.hidden = to < 0 || to >= pages;
      a.href = asking(query, to);
    }
  }
  const row = b => pack(b.prompt).querySelector(`[data-bout="${list.sides[b.a][0]}/${list.sides[b.b][0]}"] > li`);

  // What stands behind # and in the form is the same.
  byId("battles").addEventListener("shown", () => {
    query = new URLSearchParams(location.hash.split("?")[1] || "");
    page = Math.max(0, Number(query.get("page") || 1) - 1);
    for (const e of form.elements) {
      if (e.type === "checkbox") e.checked = Boolean(query.get(e.name));
      else if (e !== document.activeElement) e.value = query.get(e.name) || "";
    }
    search();
  });
  function asking(q, number) {
    const to = new URLSearchParams(q);
    to.delete("page");
    if (number > 0) to.set("page", number + 1);
    return "#battles" + (String(to) ? "?" + to : "");
  }
  form.hidden = false;
  byId("scriptless").hidden = true;
  const ask = () => { location.hash = asking(new URLSearchParams(new FormData(form)), 0); };
  form.addEventListener("submit", e => { e.preventDefault(); ask(); });
  let typing = 0;
  form.addEventListener("input", e => {
    if (e.target.type !== "search") return;
    clearTimeout(typing);
    typing = setTimeout(ask, 200);
  });

  // One battle.
  const place = byId("battle"), title = place.querySelector("h1");
  let at = null, view = "rendered";
  place.addEventListener("shown", () => {
    const name = location.hash.split("/").slice(1).join("/");
    at = battles.find(b => address(b) === name || name === list.prompts[b.prompt][0] + "/" + list.sides[b.b][0] + "/" + list.sides[b.a][0]);
    const [prompt, a, b, ruling] = at ? parts(at) : [];
    title.textContent = at ? label(at.a) + " against " + label(at.b) : "This battle is not in the report";
    place.querySelector("[data-prompt]").replaceChildren(...(prompt ? [prompt.cloneNode(true)] : []));
    place.querySelector("[data-answers]").replaceChildren(...[a, b].filter(Boolean).map(e => e.cloneNode(true)));
    place.querySelector("[data-verdicts]").replaceChildren(...(ruling ? [ruling.cloneNode(true)] : []));
    place.querySelector("[data-back]").href = "#battles" + (String(query) ? "?" + query : "");
    for (const e of place.querySelectorAll("[data-step]")) e.disabled = !neighbour(Number(e.dataset.step));
    look(view);
    title.focus({ preventScroll: true });
  });
  const neighbour = step => { const i = chosen.indexOf(at); return i < 0 ? null : chosen[i + step]; };
  function step(by) {
    const next = at && neighbour(by);
    if (next) location.hash = "battle/" + address(next);
  }
  function look(as) {
    view = as;
    for (const e of place.querySelectorAll("[data-view]")) e.setAttribute("aria-pressed", String(e.dataset.view === as));
    for (const raw of place.querySelectorAll(".raw")) {
      raw.hidden = as === "rendered";
      raw.previousElementSibling.hidden = as !== "rendered";
    }
    const sides = Array.from(place.querySelectorAll("[data-answers] .side > .raw"));
    for (const e of sides) {
      e.classList.toggle("diff", as === "diff");
      if (!e.dataset.text) e.dataset.text = e.textContent;
      e.textContent = e.dataset.text;
    }
    if (as === "diff" && sides.length === 2) mark(sides);
  }
  place.addEventListener("click", e => {
    const button = e.target.closest("button");
    if (button && button.dataset.view) look(button.dataset.view);
    if (button && button.dataset.step) step(Number(button.dataset.step));
  });
  addEventListener("keydown", e => {
    if (place.classList.contains("elsewhere") || e.ctrlKey || e.metaKey || e.altKey || e.target.matches("input, select, textarea")) return;
    if (e.key === "j") step(1);
    if (e.key === "k") step(-1);
    const as = { m: "rendered", r: "raw", d: "diff" }[e.key];
    if (as) look(as);
  });

  // What differs, word by word: Myers' shortest edit script, given up where the texts have too little in common.
  function mark([left, right]) {
    const words = e => e.textContent.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) || [];
    const x = words(left), y = words(right), same = common(x, y);
    fill(left, x, same.map(p => p[0]));
    fill(right, y, same.map(p => p[1]));
  }
  function fill(e, words, kept) {
    const stays = new Set(kept), all = [];
    for (let i = 0; i < words.length;) {
      let text = "";
      const plain = stays.has(i);
      for (; i < words.length && stays.has(i) === plain; i++) text += words[i];
      if (plain) all.push(text);
      else { const only = document.createElement("ins"); only.textContent = text; all.push(only); }
    }
    e.replaceChildren(...all);
  }
  function common(x, y) {
    const most = 1500, n = x.length, m = y.length, from = [];
    let v = new Map([[1, 0]]), done = -1;
    for (let d = 0; d <= Math.min(n + m, most) && done < 0; d++) {
      from.push(new Map(v));
      for (let k = -d; k <= d; k += 2) {
        let i = k === -d || k !== d && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1) ? v.get(k + 1) : v.get(k - 1) + 1;
        while (i < n && i - k < m && x[i] === y[i - k]) i++;
        v.set(k, i);
        if (i >= n && i - k >= m) { done = d; break; }
      }
    }
    const pairs = [];
    if (done < 0) return pairs;
    for (let d = done, i = n, j = m; d >= 0; d--) {
      const was = from[d], k = i - j;
      const before = k === -d || k !== d && (was.get(k - 1) ?? -1) < (was.get(k + 1) ?? -1) ? k + 1 : k - 1;
      const pi = d === 0 ? 0 : was.get(before), pj = d === 0 ? 0 : pi - before;
      while (i > pi && j > pj) pairs.push([--i, --j]);
      [i, j] = [pi, pj];
    }
    return pairs.reverse();
  }
})();
