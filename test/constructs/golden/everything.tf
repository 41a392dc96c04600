terraform {
required_providers {
  memphis = {
version = "1.2.3"
source = "npm.invalid/cdktf-memphis/memphis"
}
  null = {
version = "3.2.4"
source = "null"
}
}
backend "local" {
path = "terraform.tfstate"
}


}

provider "memphis" {
}
resource "memphis_station" "dead-letters" {
name = "orders-dead-letters"
retention_type = "ack_based"
owner = "fixture-project/test/dead-letters"
}

variable "loss" {
type = bool
}
resource "memphis_station" "orders" {
name = "orders"
retention_type = "messages"
retention_value = 1000
storage_type = "memory"
replicas = 3
partitions_number = 4
idempotency_window_ms = 500
send_poison_msg_to_dls = true
send_schema_failed_msg_to_dls = false
dls_station = "${memphis_station.dead-letters.name}"
tiered_storage_enabled = false
tags = [
"billing",
"eu"
]
allow_message_loss = "${var.loss}"
on_replace = "carryMessages"
move_from = "purchases"
deletion_protection = true
adopt_existing = false
owner = "fixture-project/test/orders"
}
resource "memphis_schema_enforcement" "orders_enforcement_62D55ADD" {
station_name = "${memphis_station.orders.name}"
schema_name = "${memphis_schema.order.name}"
owner = "fixture-project/test/orders/enforcement"
station_uid = "${memphis_station.orders.uid}"
schema_uid = "${memphis_schema.order.uid}"
}
resource "memphis_schema" "order" {
name = "order"
type = "json"
content = "{\"type\":\"object\",\"required\":[\"id\"]}"
owner = "fixture-project/test/order"
}
resource "memphis_schema_enforcement" "foreign" {
station_name = "theirs"
schema_name = "their-schema"
owner = "fixture-project/test/foreign"
}
resource "null_resource" "smoke" {
triggers = {
spec = "3d7b3814da1f9dec3f338086b430de4bb2f18f84b3d8beca3dc551bcd71accfd (will run the smoke test)"
runner = "31d087dbc8f187524fce718c3cef23f34315c922cb1dfc99aff1b97d63403dee (will run the smoke test)"
tested = "8afba1e286662a97accc8c28821413a36fc4dbb0d1a87deaf89afbb145e68c6a (will run the smoke test)"
station = "${memphis_station.orders.uid}"
rerun_on = "again"
}
depends_on = [
"memphis_station.orders",
"memphis_schema_enforcement.orders_enforcement_62D55ADD",
]
lifecycle {
  replace_triggered_by = [memphis_station.orders.name, memphis_station.orders.retention_type, memphis_station.orders.retention_value, memphis_station.orders.storage_type, memphis_station.orders.replicas, memphis_station.orders.partitions_number, memphis_station.orders.idempotency_window_ms, memphis_station.orders.send_poison_msg_to_dls, memphis_station.orders.send_schema_failed_msg_to_dls, memphis_station.orders.dls_station, memphis_station.orders.tiered_storage_enabled, memphis_station.orders.tags, memphis_schema_enforcement.orders_enforcement_62D55ADD.station_name, memphis_schema_enforcement.orders_enforcement_62D55ADD.schema_name, memphis_schema.order.name, memphis_schema.order.type, memphis_schema.order.content, memphis_schema.order.message_struct_name]
}
provisioner "local-exec" {
command = "node cdktf-memphis/smoke.cjs cdktf-memphis/smoke-smoke.json"
}
}

provider "null" {
}