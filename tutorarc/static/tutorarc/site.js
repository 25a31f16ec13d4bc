// Every page works without this: it shows times in the visitor's zone, copies, and keeps a form from being sent twice.
"use strict";

// Times stand in sentences. So they are in the language of the page, in the visitor's own variety of it.
const PAGE_LANGUAGE = document.documentElement.lang;
const LANGUAGE = navigator.languages.find((tag) => tag.split("-")[0] === PAGE_LANGUAGE) ?? (PAGE_LANGUAGE === "en" ? "en-GB" : PAGE_LANGUAGE);
const PLAIN = { calendar: "gregory", numberingSystem: "latn" };
const UNITS = [["second", 1000, 60], ["minute", 60_000, 60], ["hour", 3_600_000, 48], ["day", 86_400_000, 60], ["month", 2_629_800_000, 24], ["year", 31_557_600_000, Infinity]];
const relative = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });
const ZONE_OF_BROWSER = Intl.DateTimeFormat().resolvedOptions().timeZone;
const ZONE = knownZone(document.documentElement.dataset.zone) ?? ZONE_OF_BROWSER;
const format = (moment, options) => new Intl.DateTimeFormat(LANGUAGE, { ...PLAIN, timeZone: ZONE, ...options }).format(moment);
const dayFormat = new Intl.DateTimeFormat("en", { ...PLAIN, timeZone: ZONE, year: "numeric", month: "numeric", day: "numeric" });
const itsDay = (moment) => Object.fromEntries(dayFormat.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
const dayNumber = ({ year, month, day }) => Date.UTC(year, month - 1, day) / 86_400_000;
const daysBetween = (from, to) => dayNumber(itsDay(to)) - dayNumber(itsDay(from));
const hours = (moment) => format(moment, { timeStyle: "short" });

/** The time zone of the account, by its own name, if this browser knows it. */
function knownZone(name) {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return name;
  } catch {
    return undefined;
  }
}

/** "in 25 minutes", "in 26 hours", "3 days ago", "now" */
function distance(moment) {
  const away = moment - Date.now();
  const [unit, size] = UNITS.find(([, length, most]) => Math.abs(away) < length * most);
  return relative.format(unit === "second" ? 0 : Math.round(away / size), unit);
}

/** "today", "Tuesday 1 December" with the style "near", "1 Dec" without a style. The year only if it is another one. */
function dayInWords(moment, style) {
  const away = daysBetween(Date.now(), moment);
  if (style !== "day" && Math.abs(away) <= 1) return relative.format(away, "day");
  const isOtherYear = style === "day" || itsDay(moment).year !== itsDay(Date.now()).year;
  const long = style ? { weekday: "long", month: "long" } : { month: "short" };
  return format(moment, { ...long, day: "numeric", ...(isOtherYear ? { year: "numeric" } : {}) });
}

function timeInWords({ dateTime, dataset }) {
  const style = dataset.local;
  const moment = new Date(dateTime);
  if (style === "distance") return distance(moment);
  if (style === "only-day") return dayInWords(moment, style);
  const isSameDay = dataset.after && daysBetween(new Date(dataset.after), moment) === 0;
  const start = isSameDay ? hours(moment) : `${dayInWords(moment, style)}, ${hours(moment)}`;
  if (!dataset.end) return start;
  const end = new Date(dataset.end);
  const shownEnd = daysBetween(moment, end) === 0 ? hours(end) : `${dayInWords(end, style)}, ${hours(end)}`;
  return dataset.range.replace("%(start)s", start).replace("%(end)s", shownEnd);
}

const EXACT = { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" };
const exactly = (moment) => `${dayInWords(moment, "day")}, ${format(moment, EXACT)}`;
const isFirst = (node) => !node.previousElementSibling && !node.previousSibling?.textContent.trim();
const capitalized = (text) => text.charAt(0).toLocaleUpperCase(LANGUAGE) + text.slice(1);

function showTimes(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const words = timeInWords(time);
    const shown = isFirst(time) ? capitalized(words) : words;
    if (time.textContent !== shown) time.textContent = shown;
    time.title = exactly(new Date(time.dateTime));
  }
  let day = "";
  for (const heading of root.querySelectorAll("[data-once-a-day]")) {
    heading.hidden = heading.textContent === day;
    day = heading.textContent;
  }
  const zone = document.getElementById("zone");
  if (zone?.hidden && root.querySelector("time[data-local]")) {
    zone.append(ZONE.replaceAll("_", " "));
    zone.hidden = false;
  }
}

function showCopyButtons(root) {
  const words = document.getElementById("main").dataset;
  for (const button of root.querySelectorAll("button[data-copies]")) {
    const source = document.getElementById(button.dataset.copies);
    const label = [...button.childNodes];
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(source.value ?? source.textContent);
        button.textContent = words.copied;
      } catch {
        source.focus();
        getSelection().selectAllChildren(source);
        source.select?.();
        button.textContent = words.press;
      }
      setTimeout(() => button.replaceChildren(...label), 4000);
    });
  }
}

// A menu closes with Escape and with a click beside it.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
}
addEventListener("click", (event) => closeMenus(event.target.closest?.("details.menu")));
addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.firstElementChild.focus();
  }
});

// Read by the server: new accounts get this time zone, and pages for visitors show times in it.
if (location.protocol.startsWith("http") && !document.cookie.includes(`timezone=${ZONE_OF_BROWSER}`)) {
  document.cookie = `timezone=${ZONE_OF_BROWSER}; Path=/; Max-Age=31536000; SameSite=Lax${location.protocol === "https:" ? "; Secure" : ""}`;
}

// Show the tab of this page, where not all tabs fit on the screen. The page itself isn't scrolled.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const bar = tab.closest(".tabs");
  bar.scrollLeft += tab.getBoundingClientRect().left - bar.getBoundingClientRect().left - 16;
}

showTimes(document);
setInterval(() => showTimes(document), 60_000); // "today" and "in 25 minutes" don't stay true
showCopyButtons(document);

let sent = new WeakSet();
addEventListener("pageshow", () => (sent = new WeakSet()));
addEventListener("submit", (event) => {
  if (!("once" in event.target.dataset)) return;
  if (sent.has(event.target)) event.preventDefault();
  sent.add(event.target);
});

// A page that answered a form takes the address of a page that can be reloaded.
const address = document.getElementById("main").dataset.address;
if (address) history.replaceState(null, "", address);

// Changes in place by htmx. The answer is a whole page, whose main part is shown. What happened is told in the live region,
// and if the focus is lost, it goes to a message with a button, or else to the heading of what changed.
addEventListener("htmx:configRequest", ({ detail }) => (detail.headers.Accept = "text/html"));
addEventListener("htmx:sendError", tellUnreachable);
addEventListener("htmx:beforeSwap", ({ detail }) => {
  detail.shouldSwap = detail.serverResponse.includes("<main ");
  detail.isError = false;
  if (!detail.shouldSwap) tellUnreachable();
});
addEventListener("htmx:afterSettle", ({ target }) => {
  const main = document.getElementById("main");
  showTimes(main);
  showCopyButtons(main);
  if (target.closest("[aria-live]")) return; // it is told by itself, and the focus stays
  const message = main.querySelector(".notice[role]");
  const heading = main.querySelector("[data-focus]");
  const place = message?.matches(".bad, :has(.undo)") ? message : heading ?? main;
  if (document.activeElement === document.body) place.focus();
  const told = message ?? heading;
  if (told) document.getElementById("news").textContent = (told.querySelector("p") ?? told).textContent.trim();
});

function tellUnreachable() {
  const notice = document.createElement("p");
  notice.className = "notice bad";
  notice.role = "alert";
  notice.textContent = document.getElementById("main").dataset.unreachable;
  document.getElementById("main").prepend(notice);
}
