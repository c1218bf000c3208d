export { clocksOfShape, type MachineShape } from "./machine/machine-shape.ts";
export { SimulatedClocks } from "./machine/simulated-clocks.ts";
