"use strict";
// Swagger UI for trying calls. The first one makes a session in the future, and patterns stay out of sight.
(async () => {
  const { document: openapi, csrfToken } = document.getElementById("try").dataset;
  const HOUR = 60 * 60 * 1000;
  const soon = new Date(Math.ceil(Date.now() / HOUR + 1) * HOUR).toISOString().replace(".000", "");

  /** The published example is in the past. */
  const adapted = (key, value) => {
    if (key === "pattern") return undefined;
    return key === "startTime" && typeof value === "string" ? soon : value;
  };

  const plugin = ({ React }) => {
    const e = React.createElement;

    // Ten errors at full length would bury the answer that matters: each is one line until it is opened.
    const withFoldedErrors = (Response) => (props) => {
      const [open, setOpen] = React.useState(false);
      if (Number(props.code) < 400) return e(Response, props);
      const summary = props.response.get("description").split("\n")[0];
      const toggle = { type: "button", className: "error-toggle", "aria-expanded": open, onClick: () => setOpen(!open) };
      const row = e(
        "tr",
        { className: "response error-line" },
        e("td", { className: "response-col_status" }, props.code),
        e("td", { className: "response-col_description" }, e("button", toggle, summary)),
      );
      return e(React.Fragment, null, row, open && e(Response, props));
    };

    // No page can set a cookie header: the browser sends the session's own.
    const withoutCookieField = (Field) => (props) =>
      props.schema.get("in") === "cookie"
        ? e("p", { className: "cookie-note" }, "Signed in here, your browser sends the session cookie by itself: there is nothing to enter.")
        : e(Field, props);

    // A key is no word for the browser to remember and offer again.
    const forgetful = (Input) => (props) =>
      e(Input, props.id === "api_key_value" ? { ...props, autoComplete: "off", spellCheck: false } : props);

    const withLabel = (Select) => (props) => e("label", null, e("span", { className: "unseen" }, "Example"), e(Select, props));

    const withName = (TextArea) => (props) => e(TextArea, { "aria-label": "Request body", ...props });

    const inWords = (Icon) => (props) => e(React.Fragment, null, e("span", { className: "unseen" }, "Close"), e(Icon, props));

    // As Swagger UI's BaseLayout, without a second <main> on the page, and without the information that the head has.
    const TryLayout = ({ getComponent, specSelectors }) => {
      const part = (name) => e(getComponent(name, true));
      const servers = specSelectors.servers();
      return e(
        "div",
        { className: "swagger-ui" },
        e(getComponent("SvgAssets")),
        e("h2", { className: "unseen" }, "Calls"),
        part("errors"),
        e(
          "div",
          { className: "scheme-container" },
          e("section", { className: "schemes wrapper" }, servers?.size ? part("ServersContainer") : null, part("AuthorizeBtnContainer")),
        ),
        e("section", { className: "wrapper" }, part("operations")),
      );
    };

    return {
      components: { TryLayout },
      wrapComponents: {
        response: withFoldedErrors,
        ExamplesSelect: withLabel,
        apiKeyAuth: withoutCookieField,
        Input: forgetful,
        TextArea: withName,
        CloseIcon: inWords,
      },
    };
  };

  /** Signed in and without a key, a call that changes something needs Django's token. It stays out of the snippets. */
  const requestInterceptor = (request) => {
    const own = new URL(request.url, location.href).origin === location.origin;
    const safe = ["GET", "HEAD", undefined].includes(request.method);
    if (csrfToken && own && !safe && !request.headers["X-API-Key"]) request.headers["X-CSRFToken"] = csrfToken;
    return request;
  };

  /* Swagger UI has a dark look, and leaves it to the page to ask for it. */
  const night = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("dark-mode", night.matches);
  night.addEventListener("change", follow);
  follow();

  const spec = JSON.parse(await (await fetch(openapi)).text(), adapted);
  delete spec.webhooks; // requests to other servers can't be tried here
  for (const operation of Object.values(spec.paths).flatMap(Object.values)) {
    operation.externalDocs = { description: "Fields, errors and samples", url: `/api/docs#${operation.operationId}` };
  }

  /** An address such as #createClass shows this call alone. */
  const asked = Object.entries(spec.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([, operation]) => operation.operationId === location.hash.slice(1))
      .map(([method, operation]) => ({ [path]: { [method]: operation } })),
  );
  if (asked.length) [spec.paths] = asked;
  addEventListener("hashchange", () => location.reload());

  SwaggerUIBundle({
    spec,
    dom_id: "#try",
    presets: [SwaggerUIBundle.presets.apis],
    plugins: [plugin],
    layout: "TryLayout",
    docExpansion: asked.length ? "full" : "list",
    defaultModelsExpandDepth: -1,
    displayRequestDuration: true,
    persistAuthorization: false,
    showMutatedRequest: false,
    validatorUrl: null,
    requestInterceptor,
  });
})();
