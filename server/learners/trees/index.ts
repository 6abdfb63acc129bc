export { type CartOptions, CartTree, fitCart } from './cart';
