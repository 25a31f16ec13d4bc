// Follows the session while the page is open: counts down by the server's clock, asks the server again and again, and
// shows what has changed without a reload. Times in words, their language and the copy buttons are those of site.js.
"use strict";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const SOONEST = 10 * SECOND; // between two requests
const NEAR = { within: 15 * MINUTE, every: 20 * SECOND }; // of the start, or of the time when entry opens or closes
const FAR = { every: MINUTE };
const LONGEST_ANSWER = 15 * SECOND;

const { dataset: trouble } = document.getElementById("trouble");
let lobby = document.getElementById("lobby");
let clock = readClock();
let asked = -Infinity; // when the last request was sent, by performance.now()
let due; // when the next one is, likewise

// performance.now() is right whatever somebody does to the visitor's clock, but may stand still while the computer sleeps.
function readClock() {
  return { server: Number(lobby.dataset.now), count: performance.now(), wall: Date.now() };
}
const now = () => clock.server + performance.now() - clock.count;
const slept = () => Math.abs(Date.now() - clock.wall - (performance.now() - clock.count)) > 5 * SECOND;

const count = (number, unit) => new Intl.NumberFormat(LANGUAGE, { style: "unit", unit, unitDisplay: "long" }).format(number);

function inWords(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / SECOND));
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  if (days) return hours ? `${count(days, "day")} ${count(hours, "hour")}` : count(days, "day");
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function isNear() {
  const times = [lobby.dataset.start, lobby.dataset.change].filter(Boolean);
  return times.some((time) => Math.abs(Number(time) - now()) < NEAR.within);
}

/** How long to wait, in milliseconds: until entry opens or closes, if that comes before the next look. */
function nextLook() {
  const change = lobby.dataset.change ? Number(lobby.dataset.change) - now() : Infinity;
  const wait = (isNear() ? NEAR : FAR).every;
  const isChangeFirst = change > 0 && change < wait + SOONEST;
  return (isChangeFirst ? change : wait) + Math.random() * SECOND; // so that not all visitors ask at once
}

function lookIn(wait) {
  due = "final" in lobby.dataset ? Infinity : Math.max(performance.now() + wait, asked + SOONEST);
}

function say(place, words, className = "notice") {
  const line = document.createElement("p");
  line.className = className;
  line.textContent = words;
  const said = document.getElementById(place);
  if (said.textContent !== words) said.replaceChildren(...(words ? [line] : []));
}

const text = (id) => document.getElementById(id)?.textContent;

function shown() {
  const { start, strict } = lobby.dataset;
  return { title: text("lobby-title"), headline: text("lobby-headline"), length: text("lobby-length"), start, strict };
}

/** What a person changed, as sentences. A page for somebody who may no longer be here has a headline alone. */
function* changesBetween(before, after) {
  const { dataset } = document.getElementById("news");
  const sentence = (name, words) => dataset[name].replace("%(new)s", words);
  if (!after.title) return;
  if (after.title !== before.title) yield sentence("title", `\u2068${after.title}\u2069`);
  if (after.start !== before.start) yield sentence("moved", movedTo(after.start, before.start));
  if (after.length !== before.length) yield sentence("length", after.length);
  if (after.strict !== before.strict) yield dataset[after.strict === "true" ? "strict" : "free"];
}

/** "17:30", or with its day if that is another one */
function movedTo(start, former) {
  return timeInWords({ dateTime: Number(start), dataset: { local: "near", after: new Date(Number(former)) } });
}

function tellChanges(before) {
  const after = shown();
  const news = [...changesBetween(before, after)];
  const isByPerson = news.length > 0; // else the headline alone has changed, and can be seen
  if (after.headline !== before.headline) news.push(`${after.headline}.`);
  if (news.length) say("news", news.join(" "), isByPerson ? "notice" : "visually-hidden");
}

function replaceLobby(page) {
  const before = shown();
  const focused = lobby.contains(document.activeElement) ? document.activeElement.id : "";
  const fresh = page.getElementById("lobby");
  lobby.replaceWith(fresh);
  lobby = fresh;
  document.title = page.title;
  clock = readClock();
  showCountdown();
  showTimes(lobby);
  showCopyButtons(lobby);
  document.getElementById(focused)?.focus();
  tellChanges(before);
}

const retryAfter = (answer) => Math.max(Number(answer.headers.get("Retry-After")) * SECOND || MINUTE, SOONEST);

async function take(answer) {
  if (answer.status === 429) {
    const wait = retryAfter(answer);
    say("trouble", trouble.busy.replace("%(new)s", Math.ceil(wait / SECOND)), "notice warn");
    return lookIn(wait + Math.random() * SOONEST);
  }
  if (answer.status >= 500) throw new Error(`status ${answer.status}`);
  if (answer.status !== 304) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("lobby")) return location.reload(); // for example signed out: another page explains it
    replaceLobby(page);
  }
  say("trouble", "");
  lookIn(nextLook());
}

async function ask() {
  const known = slept() ? {} : { "If-None-Match": `"${lobby.dataset.version}"` };
  asked = performance.now();
  due = Infinity;
  try {
    const signal = AbortSignal.timeout?.(LONGEST_ANSWER);
    await take(await fetch(location.href, { headers: known, cache: "no-store", signal }));
  } catch {
    say("trouble", trouble.offline, "notice warn");
    lookIn((isNear() ? SOONEST : FAR.every) + Math.random() * SOONEST);
  }
}

function showCountdown() {
  const countdown = document.getElementById("countdown");
  const promise = document.getElementById("promise");
  if (countdown) countdown.textContent = inWords(Number(countdown.dataset.until) - now());
  if (promise) promise.textContent = promise.dataset.words;
}

function tick() {
  showCountdown();
  if (slept() && due < Infinity) lookIn(0);
  if (performance.now() >= due) ask();
}

lookIn(nextLook());
tick();
setInterval(tick, 500);
