const ready: string = await Promise.resolve("typed");
export const handler = async (event: { value: string }): Promise<string> => `${ready} ${event.value}`;
