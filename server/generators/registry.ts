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
  {
    id: 'ctgan', name: 'CTGAN', family: 'gan',
    summary: 'A conditional adversarial network that trains on rare categories as often as the logarithm of their frequency allows.',
    paper: 'Xu et al., Modeling Tabular Data using Conditional GAN, NeurIPS 2019',
    capabilities: { conditional: false, missingValues: true, sequences: false, differentialPrivacy: false, exactLikelihood: false, exportableSampler: true },
    load: () => import('./gan/ctgan').then((m) => m.ctgan),
  },
  {
    id: 'ctab-gan', name: 'CTAB-GAN+', family: 'gan',
    summary: 'As CTGAN, for columns that mix numbers with special values and for long tails, and with an eye on what predicts the outcome.',
    paper: 'Zhao et al., CTAB-GAN, ACML 2021; CTAB-GAN+, 2022',
    capabilities: { conditional: false, missingValues: true, sequences: false, differentialPrivacy: false, exactLikelihood: false, exportableSampler: true },
    load: () => import('./gan/ctab-gan').then((m) => m.ctabGan),
  },
  {
    id: 'medgan', name: 'medGAN', family: 'gan',
    summary: 'An adversarial network over the codes of an autoencoder, made for records of many yes-or-no columns.',
    paper: 'Choi et al., Generating Multi-label Discrete Patient Records using Generative Adversarial Networks, MLHC 2017',
    capabilities: { conditional: false, missingValues: true, sequences: false, differentialPrivacy: false, exactLikelihood: false, exportableSampler: true },
    load: () => import('./gan/medgan').then((m) => m.medgan),
  },
  {
    id: 'tabddpm', name: 'TabDDPM', family: 'diffusion',
    summary: 'Gaussian diffusion of numbers and multinomial diffusion of categories, denoised by one network. Can be fitted to draw rows for a given column (parameter "condition"), with guidance.',
    paper: 'Kotelnikov et al., TabDDPM: Modelling Tabular Data with Diffusion Models, ICML 2023; Ho & Salimans, Classifier-Free Diffusion Guidance, 2022',
    capabilities: { conditional: false, missingValues: true, sequences: false, differentialPrivacy: false, exactLikelihood: false, exportableSampler: false },
    load: () => import('./diffusion/tabddpm').then((m) => m.tabddpm),
  },
  {
    id: 'score-sde', name: 'Score SDE', family: 'diffusion',
    summary: 'Score-based diffusion over real vectors, drawn by the reverse stochastic equation or by the probability-flow one, which also gives exact likelihoods of encoded rows. Can be fitted to draw rows for a given column (parameter "condition"), with guidance.',
    paper: 'Song et al., Score-Based Generative Modeling through Stochastic Differential Equations, ICLR 2021; Karras et al., Elucidating the Design Space of Diffusion-Based Generative Models, 2022',
    capabilities: { conditional: false, missingValues: true, sequences: false, differentialPrivacy: false, exactLikelihood: true, exportableSampler: false },
    load: () => import('./diffusion/score-sde').then((m) => m.scoreSde),
  },
  {
    id: 'latent-diffusion', name: 'Latent diffusion (TabSyn)', family: 'diffusion',
    summary: 'A transformer autoencoder gives every row a latent code, and score diffusion draws new codes. Can be fitted to draw rows for a given column (parameter "condition"), with guidance.',
    paper: 'Zhang et al., Mixed-Type Tabular Data Synthesis with Score-based Diffusion in Latent Space, ICLR 2024; Karras et al. 2022',
    capabilities: { conditional: false, missingValues: true, sequences: false, differentialPrivacy: false, exactLikelihood: false, exportableSampler: false },
    load: () => import('./diffusion/latent-diffusion').then((m) => m.latentDiffusion),
  },
  {
    id: 'flow', name: 'Normalising flow', family: 'flow',
    summary: 'Spline (or RealNVP) maps from noise to rows, with an exact likelihood; categories and grids dequantised.',
    paper: 'Durkan et al., Neural Spline Flows, NeurIPS 2019; Dinh et al., RealNVP, ICLR 2017; Rezende & Mohamed, Variational Inference with Normalizing Flows, ICML 2015',
    capabilities: { conditional: true, missingValues: true, sequences: false, differentialPrivacy: false, exactLikelihood: true, exportableSampler: false },
    load: () => import('./flow/flow').then((m) => m.flow),
  },
  {
    id: 'gaussian-copula', name: 'Gaussian copula', family: 'classical',
    summary: 'Every column keeps its own distribution; one correlation for each pair of columns joins them. Quick, and blind to relations that are not monotone.',
    paper: 'Patki, Wedge & Veeramachaneni, The Synthetic Data Vault, DSAA 2016',
    capabilities: { conditional: true, missingValues: true, sequences: false, differentialPrivacy: false, exactLikelihood: false, exportableSampler: true },
    load: () => import('./classical/gaussian-copula').then((m) => m.gaussianCopula),
  },
  {
    id: 'gaussian-mixture', name: 'Gaussian mixture', family: 'classical',
    summary: 'Clusters, each a multivariate normal over the numbers with a table for every category column; as many as the Bayesian information criterion supports.',
    paper: 'Dempster, Laird & Rubin, JRSS B 39, 1977; Hunt & Jorgensen, Australian & New Zealand J. Statistics 41, 1999',
    capabilities: { conditional: true, missingValues: true, sequences: false, differentialPrivacy: false, exactLikelihood: true, exportableSampler: true },
    load: () => import('./classical/gaussian-mixture').then((m) => m.gaussianMixture),
  },
  {
    id: 'cart', name: 'Sequential trees', family: 'trees',
    summary: 'Each column is drawn from the leaf of a tree grown on the columns before it. Very faithful; leaves are small, so rows stay close to real ones.',
    paper: 'Nowok, Raab & Dibben, synthpop: Bespoke Creation of Synthetic Data in R, J. Statistical Software 74(11), 2016',
    capabilities: { conditional: true, missingValues: true, sequences: false, differentialPrivacy: false, exactLikelihood: false, exportableSampler: false },
    load: () => import('./trees/cart').then((m) => m.cart),
  },
  {
    id: 'smote', name: 'SMOTE', family: 'classical',
    summary: 'New rows on the line between a row and one of its neighbours of the same class; categories by the neighbours\' vote. Stays near real rows.',
    paper: 'Chawla, Bowyer, Hall & Kegelmeyer, SMOTE, J. Artificial Intelligence Research 16, 2002',
    capabilities: { conditional: true, missingValues: true, sequences: false, differentialPrivacy: false, exactLikelihood: false, exportableSampler: false },
    load: () => import('./classical/smote').then((m) => m.smote),
  },
  {
    id: 'mixup', name: 'mixup', family: 'classical',
    summary: 'New rows as weighted averages of two rows of the same class. For augmentation; relations within a class are blurred.',
    paper: 'Zhang, Cisse, Dauphin & Lopez-Paz, mixup, ICLR 2018',
    capabilities: { conditional: true, missingValues: true, sequences: false, differentialPrivacy: false, exactLikelihood: false, exportableSampler: false },
    load: () => import('./classical/mixup').then((m) => m.mixup),
  },
  {
    id: 'flow-matching', name: 'Flow matching', family: 'flow',
    summary: 'A velocity field from noise to rows: variational for mixed types (default), straight paths, or rectified for few steps. Can be fitted to draw rows for a given column (parameter "condition"), with guidance.',
    paper: 'Guzman-Cordero et al., Exponential Family Variational Flow Matching for Tabular Data Generation (TabbyFlow), ICML 2025; Lipman et al., Flow Matching, 2022; Liu et al., Rectified Flow, 2022; Ho & Salimans, Classifier-Free Diffusion Guidance, 2022',
    capabilities: { conditional: false, missingValues: true, sequences: false, differentialPrivacy: false, exactLikelihood: false, exportableSampler: false },
    load: () => import('./flow/flow-matching').then((m) => m.flowMatching),
  },
  {
    id: 'transformer', name: 'Causal transformer', family: 'autoregressive',
    summary: 'A transformer that reads a row column by column and predicts the next one. Draws rows given the first columns of its order (the outcome first).',
    paper: 'Vaswani et al., Attention Is All You Need, 2017; Padhi et al., Tabular Transformers for Modeling Multivariate Time Series (TabGPT), 2021',
    capabilities: { conditional: true, missingValues: true, sequences: false, differentialPrivacy: false, exactLikelihood: true, exportableSampler: false },
    load: () => import('./transformer/transformer').then((m) => m.transformer),
  },
];

/** The entry of this id, or undefined. */
export const findGenerator = (id: string): GeneratorEntry | undefined => generators.find((g) => g.id === id);
