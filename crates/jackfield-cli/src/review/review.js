"use strict";
// An enhancement: the page works without it.
(() => {
  const find = document.getElementById("find");
  const found = document.getElementById("found");
  const tools = [...document.querySelectorAll(".tool")];
  const groups = [...document.querySelectorAll(".group:has(.tool)")];
  const texts = tools.map((tool) => {
    const head = tool.querySelector("summary").textContent;
    const text = tool.querySelector(".text");
    return (head + " " + (text ? text.textContent : "")).toLowerCase();
  });
  document.querySelector(".script").hidden = false;
  let waiting = 0;
  find.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 120);
  });
  function search() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    tools.forEach((tool, at) => {
      const fits = words.every((word) => texts[at].includes(word));
      tool.hidden = !fits;
      count += fits ? 1 : 0;
    });
    groups.forEach((group) => {
      group.hidden = !group.querySelector(".tool:not([hidden])");
    });
    found.value = words.length ? count + (count === 1 ? " tool" : " tools") : "";
  }
  const setAll = (open) => tools.forEach((tool) => {
    if (!tool.hidden) tool.open = open;
  });
  document.getElementById("open").addEventListener("click", () => setAll(true));
  document.getElementById("close").addEventListener("click", () => setAll(false));
  // A link to a tool opens it, also if a filter hides it.
  function reveal() {
    const id = location.hash.slice(1);
    const target = /^[td]\d+$/.test(id) && document.getElementById(id);
    if (!target) return;
    if (target.hidden || !target.checkVisibility()) {
      document.getElementById("show-all").checked = true;
      find.value = "";
      search();
    }
    target.open = true;
    target.scrollIntoView();
    target.querySelector("summary").focus({ preventScroll: true });
  }
  addEventListener("hashchange", reveal);
  reveal();
})();
