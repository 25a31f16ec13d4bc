// Sends a form again that was refused because the server was busy. Without this there is the button.
"use strict";

const form = document.querySelector("form[data-wait]");
document.getElementById("waits").hidden = false;
// Not all at the same time, after a rush.
const timer = setTimeout(() => form.submit(), form.dataset.wait * 1000 * (1 + Math.random()));
form.addEventListener("submit", () => clearTimeout(timer));
