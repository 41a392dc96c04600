# Written at synth by cdktf-memphis; "terraform init" adds to it.

provider "npm.invalid/cdktf-memphis/memphis" {
  version     = "1.2.3"
  constraints = "1.2.3"
  hashes = [
    "h1:8W0F7GspJI0sYa2x6SY/eOT3us4blVAUotF4cs/kBk0=",
  ]
}

provider "registry.opentofu.org/hashicorp/null" {
  version     = "3.2.4"
  constraints = "3.2.4"
}

provider "registry.terraform.io/hashicorp/null" {
  version     = "3.2.4"
  constraints = "3.2.4"
}
