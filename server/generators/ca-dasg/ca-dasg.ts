import { openDevice } from '../../engine';
import { withPrivacy } from '../blocks/private/loop';
import type { Generator } from '../generator';
import { fitOpenly } from './fit';
import { parameters } from './parameters';
import { fitPrivately } from './private-fit';
import { assertPrivately } from './private-refused';
import { fitted, unpack } from './sample';

/**
 * CA-DASG, the Context-Aware Distribution-Adaptive Synthetic Generator (Vaddi, "Challenges and Innovations in Synthetic Data Generation"): a hybrid of GAN and VAE with covariance and
 * utility terms, balanced while it trains, and a cache of every context's distribution.
 */
export const caDasg: Generator = {
  parameters, assertPrivately,
  fit: (context, given) => (context.privacy ? fitPrivately(withPrivacy(context), parameters.parse(given)) : fitOpenly(context, parameters.parse(given))),
  async load(bytes, device) { return fitted(unpack(bytes), await openDevice(device)); },
};
