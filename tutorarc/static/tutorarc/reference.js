"use strict";
// The reference: Swagger UI, and above each "Try it out" what a call needs and its samples, to be read before any call.
(() => {
  const SAMPLE_HOST = "http://localhost:8000"; // tutorarc/api/schema/code_samples.py
  const { document: openapi, csrfToken, sessionCookie } = document.getElementById("reference").dataset;
  const HEADER_VALUES = {
    ApiKey: ["X-API-Key", "your_api_key_here"],
    cookieAuth: ["Cookie", `${sessionCookie}=your_session_id`],
  };
  const HIGHLIGHTED_AS = { bash: "bash", javascript: "javascript", typescript: "javascript", python: "javascript" };

  // The chosen language holds for every call on the page.
  const language = { value: "cURL", listeners: new Set() };
  const chooseLanguage = (value) => {
    language.value = value;
    language.listeners.forEach((tell) => tell());
  };
  const subscribe = (listener) => {
    language.listeners.add(listener);
    return () => language.listeners.delete(listener);
  };

  /** The samples by the document they send: `{"": [{label, lang, source}]}`, or one entry for each named example. */
  const samplesOf = (operation) => {
    const groups = new Map();
    for (const { lang, label, source } of operation.get("x-codeSamples")?.toJS() ?? []) {
      const [name, document = ""] = label.split(": ");
      const sample = { lang, label: name, source: source.replaceAll(SAMPLE_HOST, location.origin) };
      groups.set(document, [...(groups.get(document) ?? []), sample]);
    }
    return groups;
  };

  const headersOf = (operation) => {
    const ways = operation.get("security")?.toJS() ?? [];
    const open = ways.some((way) => Object.keys(way).length === 0);
    const credential = HEADER_VALUES[Object.keys(ways[0] ?? {})[0]];
    const headers = credential && !open ? [credential] : [];
    if (!operation.getIn(["requestBody", "content", "application/json", "examples"])) return headers;
    return [...headers, ["Content-Type", "application/json"]];
  };

  const copy = async (text, button) => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select and copy by hand";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  };

  const plugin = ({ React, getComponent }) => {
    const e = React.createElement;

    const Headers = ({ operation }) => {
      const headers = headersOf(operation);
      if (!headers.length) return e("p", { className: "sample-headers" }, "Needs no credential.");
      return e(
        "table",
        { className: "sample-headers" },
        e("caption", null, "Required headers"),
        e("thead", null, e("tr", null, e("th", { scope: "col" }, "Header"), e("th", { scope: "col" }, "Value"))),
        e(
          "tbody",
          null,
          headers.map(([name, value]) =>
            e("tr", { key: name }, e("td", null, e("code", null, name)), e("td", null, e("code", null, value))),
          ),
        ),
      );
    };

    /** Buttons of which one is chosen: arrow keys, Home and End move the choice, Tab leaves. */
    const Tabs = ({ id, label, names, chosen, choose }) => {
      const onKeyDown = (event) => {
        const here = names.indexOf(chosen);
        const steps = { ArrowRight: here + 1, ArrowLeft: here - 1 + names.length, Home: 0, End: names.length - 1 };
        if (!(event.key in steps)) return;
        event.preventDefault();
        const next = steps[event.key] % names.length;
        choose(names[next]);
        event.currentTarget.children[next].focus();
      };
      return e(
        "div",
        { role: "tablist", "aria-label": label, className: "sample-tabs", onKeyDown },
        names.map((name) => {
          const selected = name === chosen;
          const more = { "aria-selected": selected, "aria-controls": `${id}-panel`, tabIndex: selected ? 0 : -1 };
          return e("button", { key: name, type: "button", role: "tab", onClick: () => choose(name), ...more }, name);
        }),
      );
    };

    const Samples = ({ operation }) => {
      const id = React.useId();
      const groups = samplesOf(operation);
      const documents = [...groups.keys()];
      const [document, setDocument] = React.useState(documents[0]);
      const current = React.useSyncExternalStore(subscribe, () => language.value);
      const samples = groups.get(document) ?? [];
      const sample = samples.find(({ label }) => label === current) ?? samples[0];
      if (!sample) return null;
      const Highlighter = getComponent("SyntaxHighlighter", true);
      const tabs = { id, label: "Language", names: samples.map(({ label }) => label), chosen: sample.label };
      return e(
        "section",
        { className: "samples", "aria-label": "Code samples" },
        e(Headers, { operation }),
        documents.length > 1 &&
          e(Tabs, { id, label: "What to send", names: documents, chosen: document, choose: setDocument }),
        e(
          "div",
          { className: "sample-bar" },
          e(Tabs, { ...tabs, choose: chooseLanguage }),
          e("button", { type: "button", className: "sample-copy", onClick: ({ target }) => copy(sample.source, target) }, "Copy"),
        ),
        e(
          "div",
          { role: "tabpanel", id: `${id}-panel`, "aria-label": sample.label, tabIndex: 0, className: "sample-code" },
          e(Highlighter, { language: HIGHLIGHTED_AS[sample.lang], children: sample.source }),
        ),
      );
    };

    const withSamples = (Parameters) => (props) =>
      e(React.Fragment, null, e(Samples, { operation: props.operation }), e(Parameters, props));

    // Ten errors at full length would bury the answer that matters: each is one line until it is opened.
    const withFoldedErrors = (Response) => (props) => {
      const [open, setOpen] = React.useState(false);
      if (Number(props.code) < 400) return e(Response, props);
      const toggle = { type: "button", className: "error-toggle", "aria-expanded": open, onClick: () => setOpen(!open) };
      const row = e(
        "tr",
        { className: "response error-line" },
        e("td", { className: "response-col_status" }, props.code),
        e("td", { className: "response-col_description" }, e("button", toggle, props.response.get("description"))),
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

    return {
      wrapComponents: {
        parameters: withSamples,
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

  SwaggerUIBundle({
    url: openapi,
    dom_id: "#reference",
    presets: [SwaggerUIBundle.presets.apis],
    plugins: [plugin],
    layout: "BaseLayout",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    persistAuthorization: false,
    showMutatedRequest: false,
    validatorUrl: null,
    requestInterceptor,
  });
})();
