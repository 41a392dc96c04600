import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { terraformName } from '../../src/model/field';
import type { Report } from '../../src/runtime/report/report';
import { readSynthesisedStacks } from '../../src/runtime/synthesised';
import { Deployment } from '../support/deployment';
import type { Stack } from '../support/stack';

const deployment = Deployment.forThisFile();
const program = resolve(__dirname, '../../lib/cli/main.js');

const required = `terraform {
  required_providers {
    memphis = {
      source = "npm.invalid/cdktf-memphis/memphis"
    }
  }
}
`;

/** A stack in Terraform's own language, with what people use of it. */
const files: Readonly<Record<string, string>> = {
  'main.tf': `${required}
provider "memphis" {}
provider "memphis" {
  alias = "second"
}

variable "team" { default = "shop" } // on one line
variable "regions" {
  type = map(object({ hours = number, size = optional(string, "s") }))
}
variable "secret" {
  type      = string
  sensitive = true
  default   = "a-secret-tag"
}

locals {
  prefix  = "\${var.team}-x" # a comment with "quotes" and }
  seconds = { for key, region in var.regions : key => region.hours * 3600 }
}

resource "memphis_station" "letters" {
  name = "\${local.prefix}-letters"
  tags = ["a", "B", var.secret]
}

resource "memphis_station" "region" {
  for_each        = var.regions
  name            = "\${local.prefix}-\${each.key}-\${each.value.size}"
  retention_value = local.seconds[each.key]
  dls_station     = memphis_station.letters.name
  lifecycle {
    create_before_destroy = false
  }
}

resource memphis_station "counted" {
  count             = length(var.regions) > 1 ? 2 : 1
  name              = format("%s-%d", local.prefix, count.index)
  partitions_number = count.index + 1
}

/* What only a part of the language that is not read can tell
   leaves the others alone. */
resource "memphis_station" "directive" {
  name           = "directive-%{ if var.team == "shop" }a%{ else }b}%{ endif }"
  retention_type = "messages"
  retention_value = (
    1000
    * 2
  )
}

resource "memphis_schema" "order" {
  name    = "order"
  type    = "json"
  content = <<-EOT
    {
      "title": "\${var.team} $\${x}",

      "type": "object"
    }
  EOT
}

resource "memphis_schema" "plain" {
  name    = "plain"
  type    = "json"
  content = <<EOT
  { "description": "\\\\d \${join(",", [for n in [1, 2] : "n\${n}"])}" }
EOT
}

resource "memphis_schema_enforcement" "orders" {
  station_name = module.orders.station
  station_uid  = module.orders.uid
  schema_name  = memphis_schema.order.name
  schema_uid   = memphis_schema.order.uid
}

module "orders" {
  source  = "./modules/orders"
  name    = "\${local.prefix}-orders"
  letters = memphis_station.letters.name
}

module "many" {
  for_each  = toset(["b", "a"])
  source    = "./modules/orders"
  name      = "many-\${each.key}"
  providers = { memphis = memphis.second }
}

output "names" {
  value = [for each in module.many : each.station]
}
`,
  'main_override.tf': `resource "memphis_station" "letters" {
  retention_value = 7200
}
`,
  'more.tf.json': JSON.stringify({
    locals: { more: 'more' },
    resource: { memphis_station: { more: { name: '${local.more}-${var.team}' } } },
  }),
  'override.tf.json': JSON.stringify({
    locals: { more: 'other' },
    resource: { memphis_station: { more: { retention_value: 60, idempotency_window_ms: 1000 } } },
  }),
  'terraform.tfvars': 'regions = {\n  eu = { hours = 2 }\n  us = { hours = 3, size = "l" }\n}\n',
  'modules/orders/main.tf': `${required}
variable "name" {}
variable "letters" {
  type    = string
  default = null
}
variable "replicas" {
  default  = 1
  nullable = false
}
resource "memphis_station" "this" {
  name        = var.name
  dls_station = var.letters
  replicas    = var.replicas
}
module "schema" {
  source = "../schema"
  name   = "\${memphis_station.this.name}-schema"
}
`,
  'modules/orders/outputs.tf':
    'output "station" { value = memphis_station.this.name }\noutput "uid" { value = memphis_station.this.uid }\n',
  'modules/schema/main.tf': `${required}
variable "name" {}
resource "memphis_schema" "this" {
  name    = var.name
  type    = "json"
  content = file("\${path.module}/schema.json")
}
`,
  'modules/schema/schema.json': '{"type":"object"}',
};

function stackOf(all: Readonly<Record<string, string>>): Stack {
  const stack = deployment.stack();
  rmSync(join(stack.directory, 'main.tf.json'));
  for (const [name, content] of Object.entries(all)) {
    mkdirSync(dirname(join(stack.directory, name)), { recursive: true });
    writeFileSync(join(stack.directory, name), content);
  }
  return stack;
}

/** Runs `cdktf-memphis drift` in the folder of a stack. */
function drift(stack: Stack, ...args: readonly string[]): Promise<{ code: number; report: Report }> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [program, 'drift', '--format', 'json', ...args],
      { cwd: stack.directory, env: { PATH: dirname(process.execPath), ...deployment.environment } },
      (error, stdout) =>
        done({ code: error === null ? 0 : Number(error.code), report: JSON.parse(stdout) as Report }),
    );
  });
}

type Values = Readonly<Record<string, unknown>>;

test('a stack in HCL with modules and overrides declares what Terraform plans, and is compared without Terraform', async () => {
  const stack = stackOf(files);
  const init = await stack.terraform.init();
  expect([init.code, init.stderr]).toEqual([0, '']);
  const { errors } = await stack.plan();
  expect(errors).toEqual([]);
  const shown = await stack.terraform.run(['show', '-json', 'saved.plan']);
  const { resource_changes: changes } = JSON.parse(shown.stdout) as {
    resource_changes: { address: string; change: { after: Values } }[];
  };
  const [declared] = await readSynthesisedStacks({ folder: stack.directory, environment: {} });
  const objects = declared?.objects ?? [];
  expect(objects.map(({ site }) => site.address).sort()).toEqual(
    changes.map(({ address }) => address).sort(),
  );
  for (const { site, values } of objects) {
    const after = changes.find(({ address }) => address === site.address)?.change.after ?? {};
    const planned = Object.keys(values).map((field) => [field, after[terraformName(field)]]);
    expect([site.address, Object.fromEntries(planned)]).toEqual([site.address, values]);
  }
  const open = objects.filter(({ unresolved }) => unresolved.length > 0);
  expect(open.map(({ site, unresolved }) => [site.address, unresolved])).toEqual([
    ['memphis_station.directive', ['name']],
  ]);
  expect(declared?.problems).toEqual([]);
  expect(objects.filter(({ sensitive }) => sensitive !== undefined).map(({ site }) => site.address)).toEqual([
    'memphis_station.letters',
  ]);

  const before = await drift(stack);
  expect(before.code).toBe(2);
  const station = before.report.objects.find(({ name }) => name === 'shop-x-letters');
  const line = (files['main.tf'] ?? '').split('\n').indexOf('resource "memphis_station" "letters" {') + 1;
  expect(station).toMatchObject({ status: 'missing', declaration: { file: 'main.tf', line } });
  expect((await stack.apply()).errors).toEqual([]);
  const after = await drift(stack, '--include-unmanaged');
  const statuses = after.report.objects.map(({ name, status }) => `${name} ${status}`);
  expect(statuses.filter((each) => !each.endsWith(' same'))).toEqual([
    // It may be the one below: the report says so.
    'directive-a unmanaged',
    'memphis_station.directive unknown',
  ]);
  expect(after.report.findings.map(({ code }) => code)).toEqual(['UNRESOLVED_NAME']);
});
