// Date and time pickers in the visitor's time zone, or in that of the class they are for. Without this script they are
// in UTC instead of the visitor's time zone, as their hints say.
// What is sent is a moment in UTC, in a hidden field.
"use strict";

const DAY = 86_400_000;
const two = (number) => String(number).padStart(2, "0");
const asUtc = (text) => Date.parse(`${text}Z`);

const NUMBERS = { era: "short", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
const clocks = {}; // by time zone
const clockOf = (zone) => (clocks[zone] ??= new Intl.DateTimeFormat("en", { ...PLAIN, ...NUMBERS, hourCycle: "h23", timeZone: zone }));

/** The time zone of the class that is chosen in the picker's form, or that the picker is for; undefined without one. */
function zoneOfClass(picker) {
  const choice = picker.form?.elements.classId;
  return knownZone((choice?.selectedOptions?.[0] ?? picker).dataset.zone);
}
const zoneOf = (picker) => zoneOfClass(picker) ?? ZONE;

/** A moment in local time, as a `datetime-local` picker writes it: empty for one before the year 1. */
function localText(moment, withSeconds, zone = ZONE) {
  if (isNaN(moment)) return "";
  const { era, year, month, day, hour, minute, second } = Object.fromEntries(clockOf(zone).formatToParts(moment).map(({ type, value }) => [type, value]));
  if (era !== "AD") return "";
  const text = `${year.padStart(4, "0")}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
  return withSeconds ? `${text}:${two(second)}` : text;
}

/** The offset from UTC in milliseconds. `moment` is in milliseconds too, as in all that follows. */
const offsetAt = (moment, zone = ZONE) => asUtc(localText(new Date(moment), true, zone)) - moment;

/** The moments that a picker's value can mean: two where clocks go back, none where they go forward. */
function momentsOf(text, zone = ZONE) {
  const time = asUtc(text);
  const offsets = [time - DAY, time, time + DAY].map((moment) => offsetAt(moment, zone));
  const moments = new Set(offsets.map((offset) => time - offset));
  return [...moments].filter((moment) => moment + offsetAt(moment, zone) === time).sort((a, b) => a - b);
}

/** The first moment of a day, also where clocks go forward at midnight. */
function startOfDay(day) {
  const midnight = `${day}T00:00`;
  return momentsOf(midnight)[0] ?? asUtc(midnight) - offsetAt(asUtc(midnight) - DAY);
}

/** A text of the page, `data-…` of the template, with values in place of "%(name)s". */
function pickerText(name, values = {}) {
  const text = document.getElementById("picker-texts").dataset[name];
  return Object.entries(values).reduce((filled, [key, value]) => filled.replace(`%(${key})s`, value), text);
}

const zoneName = (picker) => ({ zone: zoneOf(picker).replaceAll("_", " ") });
const isoText = (moment) => (isNaN(moment) ? "" : new Date(moment).toISOString());

/** Let a hidden field send `valueOf()` in place of the picker. */
function replaceValue(picker, valueOf) {
  const sent = document.createElement("input");
  sent.type = "hidden";
  sent.name = picker.name;
  picker.removeAttribute("name");
  picker.after(sent);
  const hint = document.getElementById(`${picker.id}_helptext`);
  const update = () => {
    if (hint) hint.textContent = pickerText(zoneOfClass(picker) ? "classZone" : "zone", zoneName(picker));
    sent.value = valueOf();
  };
  for (const name of ["input", "change"]) picker.form.addEventListener(name, update);
  addEventListener("pageshow", update); // on the way back the browser fills the picker in again
  update();
}

/** A question below the picker, hidden until `ask` is called: which of two moments is meant? */
function addQuestion(picker) {
  const field = document.createElement("div");
  const label = document.createElement("label");
  const answer = document.createElement("select");
  field.className = "which";
  field.setAttribute("aria-live", "polite");
  answer.id = `${picker.id}_which`;
  label.htmlFor = answer.id;
  field.append(label, answer);
  picker.after(field);
  const hide = () => (field.hidden = true);
  const ask = (moments, preferred) => {
    const format = new Intl.DateTimeFormat(LANGUAGE, { ...PLAIN, timeZone: zoneOf(picker), hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
    const option = (moment, which) => new Option(pickerText(which, { moment: format.format(moment) }), moment);
    label.textContent = pickerText("twice");
    answer.replaceChildren(option(moments[0], "first"), option(moments[1], "second"));
    answer.value = moments.includes(preferred) ? preferred : moments[0];
    field.hidden = false;
  };
  hide();
  return { ask, hide, answer: () => Number(answer.value) };
}

function pickMoment(picker) {
  const came = picker.dataset.moment || picker.defaultValue; // in UTC
  const given = came ? asUtc(came) : NaN;
  const local = localText(new Date(given), new Date(given).getUTCSeconds(), zoneOf(picker));
  if (!isNaN(given) && picker.value === picker.defaultValue) picker.value = local;
  const shown = picker.value;
  const question = addQuestion(picker);
  let asked = "";
  const meant = () => {
    const zone = zoneOf(picker);
    const moments = momentsOf(picker.value, zone);
    if (moments.length < 2) {
      asked = "";
      question.hide();
      return moments[0];
    }
    if (asked !== picker.value + zone) question.ask(moments, asUtc(picker.value) - offsetAt(given, zone));
    asked = picker.value + zone;
    return question.answer();
  };
  replaceValue(picker, () => {
    const moment = meant();
    // Local time can't show every moment, such as one in the year 10000. What was left alone is sent as it came.
    if (picker.value === shown && (moment === undefined || moment === given)) return picker.dataset.moment ? isoText(given) : came;
    return moment === undefined ? picker.value : isoText(moment);
  });
}

// A filter by days. `data-begins` is the moment at which the day begins; the filters leave out the moment itself.
function pickDay(picker) {
  const begins = new Date(picker.dataset.begins);
  if (!isNaN(begins) && picker.value === picker.defaultValue) picker.value = localText(begins).slice(0, 10);
  const justBefore = (moment) => isoText(moment - 1).replace("Z", "999Z");
  replaceValue(picker, () => (picker.dataset.day === "from" ? justBefore : isoText)(startOfDay(picker.value)));
}

/** Why the picker's value can't be sent: it would be lost, or become another moment. */
function problemOf(picker) {
  const isDay = picker.type === "date";
  if (picker.validity.badInput) return pickerText(isDay ? "wholeDate" : "dayAndTime");
  const isSkipped = !isDay && picker.value && picker.validity.valid && !momentsOf(picker.value, zoneOf(picker)).length;
  return isSkipped ? pickerText("skipped", zoneName(picker)) : "";
}

function mark(picker, problem) {
  const id = `${picker.id}_error`;
  const list = document.getElementById(id) ?? document.createElement("ul");
  if (!list.isConnected) picker.setAttribute("aria-describedby", `${picker.getAttribute("aria-describedby") ?? ""} ${id}`.trim());
  list.id = id;
  list.className = "errorlist";
  const words = document.createElement("li");
  words.textContent = problem;
  list.replaceChildren(words);
  picker.before(list);
  picker.setAttribute("aria-invalid", "true");
  picker.closest(".field").classList.add("wrong");
}

// Ahead of the form's own listeners: it isn't sent yet.
document.addEventListener(
  "submit",
  (event) => {
    const wrong = [...event.target.elements].filter((field) => field.type?.startsWith("date") && problemOf(field));
    if (!wrong.length) return;
    event.preventDefault();
    event.stopPropagation();
    wrong.forEach((picker) => mark(picker, problemOf(picker)));
    wrong[0].focus();
  },
  true,
);

document.querySelectorAll("input[data-moment]").forEach(pickMoment);
document.querySelectorAll("input[data-day]").forEach(pickDay);
