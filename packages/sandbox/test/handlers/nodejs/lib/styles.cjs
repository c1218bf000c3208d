exports.callback = (event, context, callback) => {
  setTimeout(() => callback(null, { called: event.value }), 1);
};
exports.callbackError = (event, context, callback) => callback(new TypeError(event.value));
exports.synchronous = (event) => ({ returned: event.value });
exports.silent = () => {
  setTimeout(() => console.log("worked on"), 1);
};
exports.done = (event, context) => {
  context.callbackWaitsForEmptyEventLoop = false;
  setInterval(() => undefined, 1000);
  context.succeed("done");
};
exports.nested = { deep: { handler: async () => "nested" } };
