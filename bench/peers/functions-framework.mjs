// Google's Functions Framework: the function in the HTTP server's own process, no isolation.
import framework from "@google-cloud/functions-framework";
import testing from "@google-cloud/functions-framework/testing";

framework.http("echo", (request, response) => {
  response.json(request.body);
});
const server = testing.getTestServer("echo");
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
