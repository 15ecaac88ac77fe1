import type { Cut } from '../../model/cut';
import { TIER_WORDS } from '../../model/kinds';

/** `optimized 98 %, interpreted 2 %`. */
export function tierMix(tiers: Float64Array): string {
  const sum = tiers.reduce((a, b) => a + b, 0) - tiers[0]!;
  if (sum <= 0) return '';
  return TIER_WORDS.map((word, at) => [word, tiers[at]!] as const)
    .filter(([word, weight]) => word !== '' && weight > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([word, weight]) => `${word} ${Math.max(1, Math.round((100 * weight) / sum))} %`)
    .join(', ');
}

/** The tier with most of each entry's self weight, or with most of its stacks when it has no self weight. */
export function mainTiers(cut: Cut): Uint8Array {
  const tiers = new Uint8Array(cut.shape.entries.length);
  const { stackSlot, stackShown } = cut.shape;
  const marked = new Uint8Array(tiers.length);
  for (let entry = 0; entry < tiers.length; entry++) {
    let most = 0;
    for (let tier = 1; tier < 5; tier++) {
      const weight = cut.entryTiers[entry * 5 + tier]!;
      if (weight > most) {
        most = weight;
        tiers[entry] = tier;
        marked[entry] = 1;
      }
    }
  }
  for (let stack = 1; stack < stackSlot.length; stack++) {
    const slot = stackSlot[stack]!;
    if (!stackShown[stack] || slot < 0) continue;
    const entry = Math.floor(slot / 5);
    if (!marked[entry]) tiers[entry] = Math.max(tiers[entry]!, slot % 5);
  }
  return tiers;
}
