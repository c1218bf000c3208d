/**
 * What processor time and memory cost: enough to compare ways to start and to rest. Estimates, never shown as readings.
 */
import { type Bytes, energyOf, type Joules, type Seconds, watts, type Watts } from "@frugal/core";

export interface EnergyCoefficients {
  /** What one busy hardware thread draws beyond an idle one. */
  readonly wattsPerCore: Watts;
  /** What one GiB of memory draws that is held. */
  readonly wattsPerGibibyte: Watts;
}

/**
 * For machines of which nothing is known. Per core: the median of the 37 reference servers of `data/reference-servers.json`
 * (SPECpower_ssj2008; full load less idle, per hardware thread; 0.9 to 3.6 W from the lowest tenth to the highest).
 * Per GiB: 0.392 W per GB, the coefficient of Cloud Carbon Footprint (0.000392 kWh per GB and hour; the mean of figures of
 * two memory makers). A shell that knows its machine better says so in its options.
 */
export const usualCoefficients: EnergyCoefficients = {
  wattsPerCore: watts(2.14),
  wattsPerGibibyte: watts(0.42),
};

const GIBIBYTE = 1024 ** 3;

export const energyOfCpu = ({ wattsPerCore }: EnergyCoefficients, cpu: Seconds): Joules =>
  energyOf(wattsPerCore, cpu);

/** The power that holding `memory` takes. */
export const powerOfMemory = ({ wattsPerGibibyte }: EnergyCoefficients, memory: Bytes): Watts =>
  watts((wattsPerGibibyte * memory) / GIBIBYTE);
