// Counts of everything take their place when they are there; meanwhile those of the first prompts stand.
"use strict";
(function () {
  const link = document.querySelector("#counts a.all");
  if (!link) return;
  link.textContent = "Counting all of them …";
  fetch(link.href).then(r => r.ok ? r.text() : Promise.reject(r.status)).then(text => {
    const counted = new DOMParser().parseFromString(text, "text/html").getElementById("counts");
    if (counted) document.getElementById("counts").replaceWith(document.adoptNode(counted));
  }).catch(() => { link.textContent = "Count all of them"; });
})();
