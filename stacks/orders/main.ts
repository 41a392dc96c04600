// The program that `cdktf deploy`, `diff` and `destroy` run: it writes the stack to cdktf.out.
import { App } from 'cdktf';
import { OrdersStack } from './orders-stack';

const app = new App();
new OrdersStack(app, 'orders');
app.synth();
