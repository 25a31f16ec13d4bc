/* What unfold leaves out for those who see or use no mouse. */

/* select2 names its fields by what is chosen in them, so an empty one has no name: give each its label's too. */
function nameFields() {
  document.querySelectorAll("select.select2-hidden-accessible + .select2:not([data-named])").forEach((box) => {
    const select = box.previousElementSibling;
    const label = select.labels[0];
    box.dataset.named = "";
    if (!label) return;
    label.id = label.id || `${select.id}_label`;
    box.querySelectorAll("[role=combobox], [role=textbox]").forEach((field) => {
      field.setAttribute("aria-labelledby", `${label.id} ${field.getAttribute("aria-labelledby") || ""}`.trim());
    });
  });
}

/* An open one says in an older word which list it opens, and the search above that list has no name either. */
function nameOpenSearch() {
  document.querySelectorAll(".select2-container--open [role=combobox][aria-owns]").forEach((box) => {
    const list = box.getAttribute("aria-owns");
    box.setAttribute("aria-controls", list);
    const search = document.querySelector(`[role=searchbox][aria-controls="${list}"]`);
    search?.setAttribute("aria-labelledby", box.getAttribute("aria-labelledby").split(" ")[0]);
  });
}

/* Makes unfold's clickable elements usable by keyboard and gives them labels instead of icon names. */
const NAMES = { dock_to_right: "Menu", more_vert: "More", more_horiz: "More", unfold_more: "Account" };

function makeButtons() {
  const clickable = "[x-on\\:click]:not(a[href], button, input, label, nav, [role], #changelist-filter-close)";
  document.querySelectorAll(clickable).forEach((element) => {
    element.tabIndex = 0;
    element.setAttribute("role", "button");
    const picture = (element.querySelector(".material-symbols-outlined") || element).textContent.trim();
    const words = element.textContent.replace(picture, "").trim().replace(/\s+/g, " ");
    element.setAttribute("aria-label", words || NAMES[picture] || picture);
  });
}

/* What is not navigation is the page itself. What scrolls beside it is not called as what scrolls in it. */
function nameParts() {
  document.getElementById("main")?.setAttribute("role", "main");
  document.querySelector("#nav-sidebar .simplebar-content-wrapper")?.setAttribute("aria-label", "navigation");
}

new MutationObserver(() => {
  nameParts();
  nameFields();
  nameOpenSearch();
  makeButtons();
}).observe(document.documentElement, { childList: true, subtree: true });

document.addEventListener("keydown", (event) => {
  if (["Enter", " "].includes(event.key) && event.target.matches("[role=button]:not(button)")) {
    event.preventDefault();
    event.target.click();
  }
});

/* The buttons of actions beside a form send its fields too, so that the server can name changes that would be lost. */
document.addEventListener("formdata", (event) => {
  const form = document.querySelector("#content-main > form[id$=_form]");
  if (!form || !event.target.matches("form.record-actions")) return;
  for (const [name, value] of new FormData(form)) {
    if (name !== "csrfmiddlewaretoken") event.formData.append(name, value);
  }
});
