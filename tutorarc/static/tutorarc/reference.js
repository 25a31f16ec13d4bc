"use strict";
// The reference works without this: it finds calls, shows the samples of one language, and leads old addresses on.

const panels = [...document.querySelectorAll("[role=tabpanel]")];
const tabs = [...document.querySelectorAll("[role=tab]")];

/** The chosen language holds for every call, on the next page too. */
const choose = (language) => {
  if (!tabs.some((tab) => tab.dataset.language === language)) return;
  for (const tab of tabs) {
    const chosen = tab.dataset.language === language;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
  }
  for (const panel of panels) panel.classList.toggle("later", panel.dataset.language !== language);
};

/** Keeps a call where it is on the screen while samples above it change their heights. */
const chooseAt = (tab) => {
  const before = tab.getBoundingClientRect().top;
  choose(tab.dataset.language);
  scrollBy(0, tab.getBoundingClientRect().top - before);
  try {
    localStorage.setItem("language", tab.dataset.language);
  } catch {
    // Storage may be forbidden: then the choice holds for this page.
  }
};

for (const list of document.querySelectorAll("[role=tablist]")) {
  list.addEventListener("click", ({ target }) => target.dataset.language && chooseAt(target));
  list.addEventListener("keydown", (event) => {
    const own = [...list.children];
    const here = own.indexOf(document.activeElement);
    const steps = { ArrowRight: here + 1, ArrowLeft: here - 1 + own.length, Home: 0, End: own.length - 1 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const next = own[steps[event.key] % own.length];
    chooseAt(next);
    next.focus();
  });
}

try {
  choose(localStorage.getItem("language"));
} catch {
  // As above.
}

const contents = document.getElementById("contents");
const find = document.getElementById("find");
const entries = [...contents.querySelectorAll("li")];
const plain = (text) => text.toLowerCase().replace(/[_-]/g, " ");

const search = () => {
  const words = plain(find.value).split(/\s+/).filter(Boolean);
  for (const entry of entries) {
    const text = plain(`${entry.textContent} ${entry.dataset.words}`);
    entry.hidden = !words.every((word) => text.includes(word));
  }
  for (const list of contents.querySelectorAll("ul")) {
    const empty = [...list.children].every((entry) => entry.hidden);
    list.hidden = empty;
    list.previousElementSibling.hidden = empty;
  }
  const found = entries.filter((entry) => !entry.hidden).length;
  const number = found === 1 ? "1 result" : `${found || "No"} results`;
  contents.querySelector("[role=status]").textContent = words.length ? number : "";
};

contents.querySelector(".find").hidden = false;
find.addEventListener("input", search);
contents.querySelector(".find").addEventListener("submit", (event) => {
  event.preventDefault();
  contents.querySelector("li:not([hidden]) a")?.click();
});
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, textarea, select")) return;
  event.preventDefault();
  if (getComputedStyle(contents).display === "none") contents.showPopover();
  find.focus();
});
contents.addEventListener("click", ({ target }) => {
  if (target.closest("a") && contents.matches(":popover-open")) contents.hidePopover();
});

/** Scrolls the sidebar, and not the page, to a link. */
const reveal = (link) => {
  const [frame, place] = [contents, link].map((element) => element.getBoundingClientRect());
  if (place.top < frame.top || place.bottom > frame.bottom) contents.scrollTop += place.top - frame.top - frame.height / 3;
};
reveal(contents.querySelector("[aria-current]"));

/** The call that is read is marked in the sidebar. */
const links = new Map([...contents.querySelectorAll("a[href*='#']")].map((link) => [link.hash.slice(1), link]));
const mark = new IntersectionObserver(
  (changes) => {
    for (const { target, isIntersecting } of changes) {
      const link = links.get(target.id);
      if (!link) continue;
      if (!isIntersecting) link.removeAttribute("aria-current");
      else {
        link.setAttribute("aria-current", "location");
        reveal(link);
      }
    }
  },
  { rootMargin: "-20% 0px -79% 0px" },
);
for (const entry of document.querySelectorAll(".entry[id]")) mark.observe(entry);

// A call's address on the overview, such as #listClasses or as it was, #/Classes/listClasses.
const asked = location.hash.split(/[#/]/).pop();
if (asked && !document.getElementById(asked) && links.has(asked)) location.replace(links.get(asked).href);
