// Conveniences on the pages of the API: one box for all ticks, times as the visitor's clock has them, whole dates.
"use strict";

for (const all of document.querySelectorAll("input[data-all]")) {
  const boxes = [...document.querySelectorAll(`input[name="${all.dataset.all}"]`)].filter((box) => box.form === all.form);
  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  all.closest("[hidden]").hidden = false;
  all.addEventListener("change", () => boxes.forEach((box) => (box.checked = all.checked)));
  boxes.forEach((box) => box.addEventListener("change", count));
  count();
}

// Without this script a date-time picker is in UTC, as its label says. With it, the visitor picks in their own time,
// and a hidden field sends the moment with its Z.
const two = (number) => String(number).padStart(2, "0");
function local(moment, seconds) {
  const day = [moment.getFullYear().toString().padStart(4, "0"), two(moment.getMonth() + 1), two(moment.getDate())].join("-");
  const time = [two(moment.getHours()), two(moment.getMinutes())].join(":");
  return `${day}T${time}${seconds ? `:${two(moment.getSeconds())}` : ""}`;
}

for (const picker of document.querySelectorAll("input[data-moment]")) {
  const came = picker.value;
  const sent = document.createElement("input");
  sent.type = "hidden";
  sent.name = picker.name;
  sent.value = came;
  picker.removeAttribute("name");
  picker.after(sent);
  const given = came && new Date(`${came}Z`);
  if (given && !isNaN(given)) picker.value = local(given, given.getSeconds());
  const shown = picker.value;
  const hint = document.getElementById(`${picker.id}_helptext`);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (hint) hint.textContent = `In your own time (${zone.replaceAll("_", " ")}).`;
  const update = () => {
    const moment = new Date(picker.value); // without an offset: local time
    // Local time is ambiguous for one hour a year, so an unchanged value is sent as it was received.
    if (picker.value === shown) sent.value = came;
    else sent.value = picker.value && !isNaN(moment) ? moment.toISOString() : picker.value;
  };
  picker.addEventListener("input", update);
  picker.addEventListener("change", update);
  addEventListener("pageshow", update); // on the way back the browser fills it in once more
}

// A picker that is half filled sends nothing, and what was typed in it would be gone: its form waits, and says why.
function mark(picker) {
  const id = `${picker.id}_error`;
  const list = document.getElementById(id) ?? document.createElement("ul");
  if (!list.isConnected) picker.setAttribute("aria-describedby", `${picker.getAttribute("aria-describedby") ?? ""} ${id}`.trim());
  list.id = id;
  list.className = "errorlist";
  const words = document.createElement("li");
  words.textContent = picker.type === "date" ? "Pick a whole date, or none." : "Pick a day and a time.";
  list.replaceChildren(words);
  picker.before(list);
  picker.setAttribute("aria-invalid", "true");
  picker.closest(".field").classList.add("wrong");
}

// Ahead of the form's own listeners: it isn't sent yet.
document.addEventListener(
  "submit",
  (event) => {
    const halves = [...event.target.elements].filter((field) => field.type?.startsWith("date") && field.validity.badInput);
    if (!halves.length) return;
    event.preventDefault();
    event.stopPropagation();
    halves.forEach(mark);
    halves[0].focus();
  },
  true,
);
