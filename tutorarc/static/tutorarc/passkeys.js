// Shows the buttons for passkeys where the browser knows them, and a message where one failed or was cancelled.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-passkey]")) button.hidden = !window.PublicKeyCredential;
});

document.addEventListener("allauth.error", (event) => {
  event.preventDefault(); // which would log it
  const message = document.getElementById("passkey-error");
  message.hidden = false;
  message.scrollIntoView({ block: "nearest" });
});
