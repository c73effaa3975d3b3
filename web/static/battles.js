// The list of battles by keys: j and k move, Enter opens what has the focus, / searches. A filter that changes shows its battles.
"use strict";
(function () {
  const typing = e => /^(INPUT|SELECT|TEXTAREA)$/.test(e.tagName) || e.isContentEditable;
  const rows = () => Array.from(document.querySelectorAll(".bouts .open"));
  const turn = to => { const a = document.querySelector(".pager a[rel=" + to + "]"); if (a) a.click(); };
  document.addEventListener("keydown", e => {
    if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target)) return;
    if (e.key === "/") {
      const field = document.getElementById("q");
      if (!field) return;
      e.preventDefault();
      field.focus();
      field.select();
    } else if (e.key === "j" || e.key === "k") {
      const all = rows(), step = e.key === "j" ? 1 : -1;
      const at = all.indexOf(document.activeElement);
      const to = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
      if (to < 0) turn("prev");
      else if (to >= all.length) turn("next");
      else all[to].focus();
    }
  });
  const form = document.querySelector("form.sieve");
  if (form) {
    form.addEventListener("change", e => { if (e.target.tagName === "SELECT" || e.target.type === "checkbox") form.requestSubmit(); });
    // Empty fields make addresses long and say nothing.
    form.addEventListener("formdata", e => { for (const [name, value] of Array.from(e.formData)) if (value === "") e.formData.delete(name); });
  }
})();
