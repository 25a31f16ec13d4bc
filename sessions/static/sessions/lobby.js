// Counts down by the server's clock, and reloads the page when the server opens or closes entry.
"use strict";

const lobby = document.getElementById("lobby").dataset;
const countdown = document.getElementById("countdown");
const promise = document.getElementById("promise");
const opened = { server: Number(lobby.now), count: performance.now(), wall: Date.now() };
const change = Number(lobby.change) || Infinity; // when the schedule changes the answer
const now = () => opened.server + performance.now() - opened.count;
// After the computer was asleep the countdown is wrong, so the page is reloaded.
const slept = () => Math.abs(Date.now() - opened.wall - (performance.now() - opened.count)) > 5000;
const RETRY = 5000;
const LOOK_AGAIN = 300000;
let nextQuestion = now() + LOOK_AGAIN;

function inWords(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  if (days) return `${days} day${days > 1 ? "s" : ""} ${hours} h`;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

// `lobby.ask` is the URL of the admission call, or of this page for a signed link, which the call does not accept.
async function hasChanged() {
  const answer = await fetch(lobby.ask, { cache: "no-store", credentials: "same-origin" });
  if ([401, 403, 404].includes(answer.status)) return true; // for example signed out: the reloaded page explains it
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const isCall = answer.headers.get("Content-Type").startsWith("application/json");
  const reason = isCall ? (await answer.json()).data.reason : (await answer.text()).match(/data-reason="(\w+)"/)?.[1];
  return reason !== lobby.reason;
}

async function ask() {
  nextQuestion = Infinity;
  try {
    if ((await hasChanged()) || slept()) return location.reload();
    nextQuestion = now() + (now() < change ? LOOK_AGAIN : RETRY);
  } catch {
    nextQuestion = now() + RETRY * (1 + Math.random());
    if (promise) promise.textContent = "We can’t reach the server just now, and keep trying.";
  }
}

let due = change;
function tick() {
  if (countdown) countdown.textContent = inWords(change - now());
  const atTheTime = now() >= due;
  if (atTheTime) due = Infinity;
  if (atTheTime || now() >= nextQuestion || (slept() && nextQuestion < Infinity)) ask();
}

if (promise) promise.textContent = "Leave this page open: it lets you in by itself.";
tick();
setInterval(tick, 500);
