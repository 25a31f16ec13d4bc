// Conveniences on the pages of the API: one box for all ticks, and times as the visitor's clock has them.
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
  const sent = document.createElement("input");
  sent.type = "hidden";
  sent.name = picker.name;
  sent.value = picker.value;
  picker.removeAttribute("name");
  picker.after(sent);
  const given = picker.value && new Date(`${picker.value}Z`);
  if (given && !isNaN(given)) picker.value = local(given, given.getSeconds());
  const hint = document.getElementById(`${picker.id}_helptext`);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (hint) hint.textContent = `In your own time (${zone.replaceAll("_", " ")}).`;
  const update = () => {
    const moment = new Date(picker.value); // without an offset: local time
    sent.value = picker.value && !isNaN(moment) ? moment.toISOString() : picker.value;
  };
  picker.addEventListener("input", update);
  picker.addEventListener("change", update);
}
