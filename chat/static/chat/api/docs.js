// Starts Swagger UI on /api/docs/. A file of its own, because the page's policy forbids inline scripts.

const page = document.querySelector("#docs");

/** The value of a cookie, or an empty string. */
function cookie(name) {
  const entry = document.cookie.split("; ").find((each) => each.startsWith(`${name}=`));
  return entry ? decodeURIComponent(entry.slice(name.length + 1)) : "";
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const colour = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
colour();
dark.addEventListener("change", colour);

window.SwaggerUIBundle({
  url: page.dataset.schema,
  domNode: page,
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  // Who is signed in in this browser may try requests right away: Django wants its token back for writes.
  requestInterceptor: (request) => {
    const token = cookie("csrftoken");
    if (token) request.headers["X-CSRFToken"] = token;
    return request;
  },
});
