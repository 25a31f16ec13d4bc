// Says when the lesson will be, while the form is filled in. It uses site.js and pickers.js.
"use strict";

const form = document.querySelector("form.schedule");
const preview = document.getElementById("preview");
const zone = ZONE.replaceAll("_", " ");

function minutes() {
  const length = form.elements.namedItem("length").value;
  return Number(length === "other" ? form.elements.duration.value : length);
}

function day(moment) {
  const isOtherYear = itsDay(moment).year !== itsDay(Date.now()).year;
  return format(moment, { weekday: "long", day: "numeric", month: "long", ...(isOtherYear ? { year: "numeric" } : {}) });
}

function showPreview() {
  const sent = form.elements.startTime.value; // the moment in UTC, with a Z if it was picked
  const start = new Date(/Z$/.test(sent) ? sent : `${sent}Z`);
  const end = new Date(start.getTime() + minutes() * 60_000);
  const repeats = form.elements.namedItem("repeat").value === "weekly"; // then its dates are shown
  const isWhole = !isNaN(start) && end > start && !repeats;
  preview.hidden = !isWhole;
  if (!isWhole) return;
  const ends = daysBetween(start, end) === 0 ? hours(end) : `${day(end)}, ${hours(end)}`;
  const range = preview.dataset.range.replace("%(start)s", `${day(start)}, ${hours(start)}`).replace("%(end)s", ends);
  const words = `${range} (${zone})`;
  if (preview.textContent !== words) preview.textContent = words;
}

for (const name of ["input", "change"]) form.addEventListener(name, showPreview);
addEventListener("pageshow", showPreview);
showPreview();
