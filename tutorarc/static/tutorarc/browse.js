// One box for all ticks of a form.
"use strict";

addEventListener("change", ({ target }) => {
  const boxes = [...(target.form?.elements ?? [])].filter((box) => box.type === "checkbox");
  const all = boxes.find((box) => "all" in box.dataset);
  if (!all) return;
  const others = boxes.filter((box) => box.name === all.dataset.all);
  if (target === all) others.forEach((box) => (box.checked = all.checked));
  const ticked = others.filter((box) => box.checked).length;
  all.checked = ticked === others.length;
  all.indeterminate = ticked > 0 && ticked < others.length;
});
