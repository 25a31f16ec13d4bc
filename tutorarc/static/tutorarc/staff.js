/* select2 names its fields by what is chosen in them, so an empty one has no name: give each its label's too. */
new MutationObserver(() => {
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
}).observe(document.documentElement, { childList: true, subtree: true });
