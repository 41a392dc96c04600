// Synth of a stack with as many stations as the first argument says. It prints the milliseconds of processor time that the
// stack takes, without the loading of packages: other programs on the machine do not count.
const { App, TerraformStack } = require('cdktf');
const { MemphisProvider, Station } = require('../../lib');

const before = process.cpuUsage();
const app = new App();
const stack = new TerraformStack(app, 'many');
new MemphisProvider(stack, 'memphis');
for (let index = 0; index < Number(process.argv[2]); index += 1)
  new Station(stack, `s${index}`, { name: `station-${index}`, retentionValue: 3600, tags: ['bench'] });
app.synth();
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1_000);
