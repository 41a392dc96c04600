import { serve } from '../../../src/runtime/provider/framework/index';
import { toyProvider } from './provider';

void serve(() => toyProvider, { version: '1.0.0', address: 'toy.invalid/test/toy' });
