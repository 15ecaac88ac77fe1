import type { Profile } from '../../data/decode';
import { totalTiers, type Cut } from '../../model/cut';
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

/** The tier that each entry had in most of the samples that contain it, as the program colours it. */
export function mainTiers(profile: Profile, cut: Cut): Uint8Array {
  const totals = totalTiers(profile, cut);
  return Uint8Array.from(cut.shape.entries, (_, entry) => {
    const tiers = totals.subarray(entry * 5, entry * 5 + 5);
    return tiers.lastIndexOf(Math.max(...tiers));
  });
}
