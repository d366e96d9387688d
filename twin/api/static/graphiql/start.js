// Starts GraphiQL on the address that it was loaded from. What to begin with stands in the page.
"use strict";

const place = document.getElementById("graphiql");
const headers = "key" in place.dataset ? JSON.stringify({ Authorization: `Bearer ${place.dataset.key}` }, null, 2) : undefined;

ReactDOM.createRoot(place).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: location.pathname }),
    defaultQuery: place.dataset.query,
    defaultHeaders: headers,
    headers,
    defaultEditorToolsVisibility: headers ? "headers" : undefined,
  }),
);
