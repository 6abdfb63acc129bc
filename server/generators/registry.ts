import type { GeneratorEntry } from './generator';

/** Every generator there is: what it is, and how to get it. Naming them loads none. Sorted as a user should meet them, the default first. */
export const generators: readonly GeneratorEntry[] = [
  {
    id: 'autoregressive', name: 'Autoregressive network', family: 'autoregressive',
    summary: 'A small network per column, trained to predict it from any others. The default: faithful, quick to sample, stops before it memorises.',
    paper: 'Hoogeboom et al., Autoregressive Diffusion Models, ICLR 2022; Tiwald et al., TabularARGN, 2025',
    capabilities: { conditional: true, missingValues: true, sequences: false, differentialPrivacy: false, exactLikelihood: true, exportableSampler: false },
    load: () => import('./autoregressive/autoregressive').then((m) => m.autoregressive),
  },
  {
    id: 'independent', name: 'Independent columns', family: 'baseline',
    summary: 'Each column by itself from its own histogram: right shapes, no relations. The floor every other generator must beat.',
    paper: 'Baseline; "independent" in McKenna et al., Journal of Privacy and Confidentiality 11(3), 2021',
    capabilities: { conditional: true, missingValues: true, sequences: false, differentialPrivacy: false, exactLikelihood: true, exportableSampler: true },
    load: () => import('./baseline/independent').then((m) => m.independent),
  },
  {
    id: 'tvae', name: 'TVAE', family: 'vae',
    summary: 'A variational autoencoder over mode-normalised numbers and one-hot categories. Quick to train and to sample.',
    paper: 'Xu et al., Modeling Tabular Data using Conditional GAN, NeurIPS 2019; Kingma & Welling 2014',
    capabilities: { conditional: false, missingValues: true, sequences: false, differentialPrivacy: false, exactLikelihood: false, exportableSampler: true },
    load: () => import('./vae/tvae').then((m) => m.tvae),
  },
];

/** The entry of this id, or undefined. */
export const findGenerator = (id: string): GeneratorEntry | undefined => generators.find((g) => g.id === id);
