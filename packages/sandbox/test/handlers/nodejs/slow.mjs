console.log("loading");
await new Promise(() => setInterval(() => undefined, 1000));
export const handler = async () => null;
