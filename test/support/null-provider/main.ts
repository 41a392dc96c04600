import { serve } from '../../../src/runtime/provider/framework/index';
import { nullProvider } from './provider';

void serve(() => nullProvider, { version: '3.2.4', address: 'hashicorp/null' });
