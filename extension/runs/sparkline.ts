/** A curve in the space of a word, and as a small picture. No `vscode` here. */
import { t } from '../l10n';

const blocks = '▁▂▃▄▅▆▇█';

/** `values` in at most `width` means of neighbours. */
function thinned(values: readonly number[], width: number): number[] {
  if (values.length <= width) return [...values];
  return Array.from({ length: width }, (_, i) => {
    const part = values.slice(Math.floor((i * values.length) / width), Math.floor(((i + 1) * values.length) / width));
    return part.reduce((a, b) => a + b, 0) / part.length;
  });
}

/** "█▅▃▂▁": the lowest value is the lowest block. Fewer than two values draw nothing. */
export function sparkline(values: readonly number[], width = 8): string {
  const points = thinned(values.filter(Number.isFinite), width);
  if (points.length < 2) return '';
  const low = Math.min(...points), range = Math.max(...points) - low;
  return points.map((v) => blocks[range > 0 ? Math.round(((v - low) / range) * (blocks.length - 1)) : 0]).join('');
}

/** The same as a Markdown image for a hover; readable on light and dark grounds. Empty with fewer than two values. */
export function curveImage(values: readonly number[], width = 240, height = 48): string {
  const points = thinned(values.filter(Number.isFinite), 120);
  if (points.length < 2) return '';
  const low = Math.min(...points), range = Math.max(...points) - low || 1;
  const path = points.map((v, i) => `${i ? 'L' : 'M'}${((i / (points.length - 1)) * (width - 4) + 2).toFixed(1)} ${(height - 4 - ((v - low) / range) * (height - 8)).toFixed(1)}`).join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><path d="M2 ${height - 1.5}H${width - 2}" stroke="#8a8a8a" stroke-opacity=".5"/><path d="${path}" fill="none" stroke="#3794ff" stroke-width="1.5" stroke-linejoin="round"/></svg>`;
  return `![${t('loss curve')}](data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')})`;
}
