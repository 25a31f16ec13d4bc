// Every page works without this: it shows times in the visitor's zone, copies, and keeps a form from being sent twice.
"use strict";

// Times stand in English sentences. So they are in English too, and in the visitor's own variety if that is English.
const LANGUAGE = navigator.languages.find((tag) => /^en\b/.test(tag)) ?? "en-GB";
const PLAIN = { calendar: "gregory", numberingSystem: "latn" };
const sameDay = (a, b) => a.toDateString() === b.toDateString();

function showTimes(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const moment = new Date(time.dateTime);
    const hours = { hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
    const date = { day: "numeric", month: "short", year: "numeric" };
    const day = time.dataset.local === "day" ? { weekday: "long", ...date, month: "long" } : date;
    const after = time.dataset.after && new Date(time.dataset.after);
    const shown = after && sameDay(after, moment) ? hours : { ...day, ...hours };
    time.textContent = new Intl.DateTimeFormat(LANGUAGE, { ...PLAIN, ...shown }).format(moment);
    time.title = moment.toISOString();
  }
}

function showCopyButtons(root) {
  for (const button of root.querySelectorAll("button[data-copies]")) {
    const source = document.getElementById(button.dataset.copies);
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(source.value ?? source.textContent);
        button.textContent = "Copied";
      } catch {
        source.focus();
        getSelection().selectAllChildren(source);
        source.select?.();
        button.textContent = "Press Ctrl+C";
      }
      setTimeout(() => (button.textContent = label), 4000);
    });
  }
}

showTimes(document);
showCopyButtons(document);

for (const form of document.querySelectorAll("form[data-once]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  addEventListener("pageshow", () => (sent = false));
}

// A page that answered a form takes the address of a page that can be reloaded.
const address = document.getElementById("main").dataset.address;
if (address) history.replaceState(null, "", address);
