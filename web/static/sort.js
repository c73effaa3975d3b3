// Tables of class sortable: a button in the head of each column that can be sorted. What was chosen stays when a page is drawn anew.
"use strict";
(function () {
  const chosen = new Map(); // by the id of a table: {column, falling}

  function value(row, column, kind) {
    const text = row.cells[column].dataset.value;
    if (kind !== "number") return (text || "").toLocaleLowerCase();
    return text ? Number(text) : null;
  }

  function sort(table, column, falling) {
    const heads = table.tHead.rows[0].cells, kind = heads[column].dataset.sort;
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row, place) => ({ row, place, by: value(row, column, kind) }));
    rows.sort((x, y) => {
      if (x.by === null || y.by === null) return (x.by === null) - (y.by === null) || x.place - y.place; // without a number: last
      const order = kind === "number" ? x.by - y.by : x.by.localeCompare(y.by);
      return (falling ? -order : order) || x.place - y.place;
    });
    body.append(...rows.map((r) => r.row));
    Array.from(heads, (head, i) => {
      if (i === column) head.setAttribute("aria-sort", falling ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    chosen.set(table.id, { column, falling });
  }

  function prepare(table) {
    if (table.dataset.prepared) return;
    table.dataset.prepared = "yes";
    Array.from(table.tHead.rows[0].cells, (head, column) => {
      if (!head.dataset.sort) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sorter";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const now = chosen.get(table.id);
        const first = head.dataset.sort === "number" && column > 0; // numbers begin with the greatest, ranks with the first
        sort(table, column, now && now.column === column ? !now.falling : first);
      });
    });
    const kept = chosen.get(table.id);
    if (kept && table.tHead.rows[0].cells[kept.column]) sort(table, kept.column, kept.falling);
  }

  const all = () => document.querySelectorAll("table.sortable").forEach(prepare);
  document.addEventListener("DOMContentLoaded", () => {
    all();
    new MutationObserver(all).observe(document.body, { childList: true, subtree: true });
  });
})();
