"use strict";
const form = document.getElementById("filter");
const scenarios = [...document.querySelectorAll(".scenario")];
function show() {
  const outcome = new FormData(form).get("outcome");
  const text = form.elements.text.value.trim().toLowerCase();
  for (const each of scenarios) {
    each.hidden = (outcome && each.dataset.outcome !== outcome) || !each.textContent.toLowerCase().includes(text);
  }
  document.getElementById("shown").textContent = `${scenarios.filter((each) => !each.hidden).length} shown`;
}
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.matches(".scenario")) {
    form.reset();
    show();
    target.open = true;
    target.scrollIntoView();
  }
}
form.hidden = false;
form.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("open").addEventListener("click", () => {
  for (const each of scenarios) each.open = true;
});
addEventListener("hashchange", openTarget);
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("details")) each.open = true;
});
openTarget();
