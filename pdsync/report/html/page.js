// Searches and sorts what is on the page. Without it everything is there all the same.
"use strict";
(() => {
  const all = (from, what) => Array.from(from.querySelectorAll(what));
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const sections = all(document, "details.audit");
  const box = document.getElementById("search");
  const severity = document.getElementById("severity");
  const count = document.getElementById("count");
  const texts = new WeakMap();

  const textOf = (row) => {
    if (!texts.has(row)) texts.set(row, plain(row.textContent));
    return texts.get(row);
  };

  const search = () => {
    const words = plain(box.value).split(/\s+/).filter(Boolean);
    const wanted = severity.value;
    const searching = words.length > 0;
    let found = 0, of = 0;
    for (const section of sections) {
      const code = plain(section.dataset.code);
      const fits = !wanted || section.dataset.severity === wanted;
      let here = 0;
      for (const row of all(section, "tbody tr")) {
        const shown = fits && words.every((word) => code.includes(word) || textOf(row).includes(word));
        row.hidden = !shown;
        here += shown ? 1 : 0;
        of += 1;
      }
      section.hidden = !fits || (searching && here === 0);
      if (searching) section.open = here > 0;
      found += here;
    }
    document.getElementById("nothing").hidden = !(searching || wanted) || sections.some((one) => !one.hidden);
    count.textContent = searching || wanted ? `${found.toLocaleString("en")} of ${of.toLocaleString("en")} listed` : "";
  };

  const sort = (head) => {
    const table = head.closest("table");
    const column = Array.from(head.parentNode.children).indexOf(head);
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = (row) => row.children[column].dataset.value ?? row.children[column].textContent.trim();
    const rows = Array.from(table.tBodies[0].rows, (row) => [value(row), row]);
    rows.sort((a, b) => collator.compare(a[0], b[0]) * (down ? -1 : 1));
    table.tBodies[0].append(...rows.map((pair) => pair[1]));
  };

  const openTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.matches("details")) target.open = true;
  };

  if (box) {
    let waiting = 0;
    box.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, 120); });
    severity.addEventListener("change", search);
    document.getElementById("tools").hidden = false;
  }
  for (const head of all(document, "th[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(head));
    head.append(button);
  }
  for (const link of all(document, 'a[href^="#"]')) {
    link.addEventListener("click", () => setTimeout(openTarget));
  }
  addEventListener("hashchange", openTarget);
  openTarget();

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all(document, "details:not([open])");
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of closed) one.open = false; });
})();
