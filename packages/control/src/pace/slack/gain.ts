/**
 * How much of its time in hand the next stage may spend, and how hard it must make up for lost time.
 *
 * Source: kypous, section 5.2, equation 6: K(e) = K0 where e < 0, so that a run that is late catches up at once, else
 * a e^2 + b e + c, so that slack is spent the more gently the less there is. The paper leaves the unit of e open and gives no
 * parameters. Ours: e is relative to the deadline, so that the same parameters suit workflows of milliseconds and of hours.
 */
export interface Gain {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** Of runs that are late. 1 lets the next stage make up for all that was lost. */
  readonly k0: number;
}

/** K(e). */
export const gainAt = ({ a, b, c, k0 }: Gain, error: number): number =>
  error < 0 ? k0 : (a * error + b) * error + c;
