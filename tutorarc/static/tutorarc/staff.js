/* select2 names its fields by what is chosen in them, so an empty one has no name: give each its label's too. */
window.addEventListener("load", () => {
  document.querySelectorAll("select.select2-hidden-accessible").forEach((select) => {
    const label = select.labels[0];
    const field = select.parentElement.querySelector(".select2-selection");
    if (!label || !field) return;
    label.id = label.id || `${select.id}_label`;
    field.setAttribute("aria-labelledby", `${label.id} ${field.getAttribute("aria-labelledby") || ""}`);
  });
});
