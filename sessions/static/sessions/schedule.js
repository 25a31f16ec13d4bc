// Says when the lesson will be, while the form is filled in. It uses site.js and pickers.js.
"use strict";

const form = document.querySelector("form.schedule");
const preview = document.getElementById("preview");
const picker = form.querySelector("input[data-moment]");
const inZone = (moment, options) => format(moment, { ...options, timeZone: zoneOf(picker) });
const oclock = (moment) => inZone(moment, { timeStyle: "short" });

function minutes() {
  const length = form.elements.namedItem("length").value;
  return Number(length === "other" ? form.elements.duration.value : length);
}

function day(moment) {
  const isOtherYear = inZone(moment, { year: "numeric" }) !== inZone(Date.now(), { year: "numeric" });
  return inZone(moment, { weekday: "long", day: "numeric", month: "long", ...(isOtherYear ? { year: "numeric" } : {}) });
}

function showPreview() {
  const sent = form.elements.startTime.value; // the moment in UTC, with a Z if it was picked
  const start = new Date(/Z$/.test(sent) ? sent : `${sent}Z`);
  const end = new Date(start.getTime() + minutes() * 60_000);
  const repeats = form.elements.namedItem("repeat").value === "weekly"; // then its dates are shown
  const isWhole = !isNaN(start) && end > start && !repeats;
  preview.hidden = !isWhole;
  if (!isWhole) return;
  const ends = day(start) === day(end) ? oclock(end) : `${day(end)}, ${oclock(end)}`;
  const range = preview.dataset.range.replace("%(start)s", `${day(start)}, ${oclock(start)}`).replace("%(end)s", ends);
  const words = `${range} (${zoneOf(picker).replaceAll("_", " ")})`;
  if (preview.textContent !== words) preview.textContent = words;
}

for (const name of ["input", "change"]) form.addEventListener(name, showPreview);
addEventListener("pageshow", showPreview);
showPreview();
